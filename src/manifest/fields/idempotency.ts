/** `idempotency: { key: $.detail.orderId, ttl: 1h }`: a repeated event is answered from its first result. */
import { idempotencyTtlMs } from '../../registry/settings.ts';
import { parseKeyPath } from '../../util/key-path.ts';
import { defaulted, object, required } from '../shape/compound.ts';
import { duration } from '../shape/duration.ts';
import { text } from '../shape/scalar.ts';
import { refine } from '../shape/shape.ts';

/** Powertools' own. */
const ttlMsDefault = 3_600_000;

const keyText = text({
  pattern: /\$[^\s\p{Cc}]{0,511}/u,
  accepts: 'a path such as $.detail.orderId, $.body.id or $.headers.idempotency-key,',
  advise: (written) => (/^[\w.[\]-]+$/.test(written) ? `Write $.${written.replace(/^\.+/, '')}.` : undefined),
});

export const idempotency = refine(
  object(
    {
      key: required(keyText, 'What an event is known by: a path into it.', 'key: $.detail.orderId'),
      ttl: defaulted(
        duration({ minMs: idempotencyTtlMs.min, maxMs: idempotencyTtlMs.max }),
        ttlMsDefault,
        '1h',
        'How long the first result is remembered.',
      ),
    },
    { accepts: 'a map of key and ttl', hints: { expires: 'it is called ttl: 1h', expiry: 'it is called ttl: 1h' } },
  ),
  ({ key, ttl }, found, report) => {
    if (parseKeyPath(key) !== undefined) return { key, ttlMs: ttl };
    report(found, `key is '${key}'; a path such as $.detail.orderId, $.Records[0].messageId or $['a key'] is accepted`);
    return undefined;
  },
);
