/** `webhook: { path, verify, secret }`: what others send, signed with a secret that they share with the function. */
import {
  hmacAlgorithms,
  hmacEncodings,
  webhookForms,
  webhookLimits,
  type HmacVerification,
  type WebhookSource,
  type WebhookVerification,
} from '../../registry/webhook-source.ts';
import { defaulted, either, object, optional, required } from '../shape/compound.ts';
import { duration } from '../shape/duration.ts';
import { choice, text } from '../shape/scalar.ts';
import { refine, type Shape } from '../shape/shape.ts';
import { anyValue } from './any-value.ts';
import { intakePath, intakeSecrets } from './intake-fields.ts';

const { toleranceMsDefault, toleranceMsMax, transformLengthMax, secretsMax } = webhookLimits;

const same = <Word extends string>(words: readonly Word[]): Record<Word, Word> =>
  Object.fromEntries(words.map((word) => [word, word])) as Record<Word, Word>;

const header = refine(text({ pattern: /[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}/, accepts: 'the name of a header' }), (name) =>
  name.toLowerCase(),
);

const tolerance = defaulted(
  duration({ minMs: 1_000, maxMs: toleranceMsMax }),
  toleranceMsDefault,
  '5m',
  'How far the time that is signed may be from the clock here.',
);

const hmac: Shape<HmacVerification> = refine(
  object(
    {
      header: required(header, 'The header that has the signature.', 'header: X-Signature'),
      algorithm: defaulted(
        choice({ words: same(hmacAlgorithms), accepts: hmacAlgorithms.join(', ') }),
        'sha256',
        'sha256',
        'The hash of the HMAC.',
      ),
      encoding: defaulted(
        choice({ words: same(hmacEncodings), accepts: hmacEncodings.join(', ') }),
        'hex',
        'hex',
        'How the signature is written.',
      ),
      prefix: defaulted(
        text({ pattern: /[A-Za-z0-9=:_-]{0,32}/, accepts: 'a short text such as sha256=' }),
        '',
        '',
        'What stands in front of the signature.',
      ),
      timestamp: optional(header, 'The header with the time of sending, in seconds or milliseconds since 1970.'),
      tolerance,
      signed: optional(
        text({
          pattern: /[ -z|~]{0,64}(?:\{timestamp\})?[ -z|~]{0,64}\{body\}[ -z|~]{0,64}(?:\{timestamp\})?[ -z|~]{0,64}/,
          accepts: "a text with {body} in it, and {timestamp} where that is signed, such as '{timestamp}.{body}',",
        }),
        "What is signed. Default: '{body}', and '{timestamp}.{body}' where there is a timestamp.",
      ),
      id: optional(header, "The header with the delivery's id: what comes twice under one is accepted once."),
    },
    { accepts: 'a map of header, algorithm, encoding, prefix, timestamp, tolerance, signed and id' },
  ),
  (written, found, report): HmacVerification | undefined => {
    const { header: signature, timestamp, id, tolerance: toleranceMs, algorithm, encoding, prefix } = written;
    const signed = written.signed ?? (timestamp === undefined ? '{body}' : '{timestamp}.{body}');
    if (signed.includes('{timestamp}') !== (timestamp !== undefined)) {
      report(
        found,
        timestamp === undefined
          ? '{timestamp} is signed; write timestamp: with the header that has it'
          : 'a timestamp that is not signed proves nothing; write {timestamp} into signed, or leave timestamp out',
      );
      return undefined;
    }
    return {
      kind: 'hmac',
      header: signature,
      algorithm,
      encoding,
      prefix,
      signed,
      toleranceMs,
      ...(timestamp !== undefined && { timestampHeader: timestamp }),
      ...(id !== undefined && { idHeader: id }),
    };
  },
);

const senders = ['stripe', 'github', 'slack'] as const;

const verify: Shape<WebhookVerification> = either<WebhookVerification>({
  text: refine(
    choice({ words: same(senders), accepts: `${senders.join(', ')}, or { hmac: { header: X-Signature } }` }),
    (kind): WebhookVerification => (kind === 'github' ? { kind } : { kind, toleranceMs: toleranceMsDefault }),
  ),
  map: refine(
    object(
      { hmac: required(hmac, 'A signature of any other sender.', 'hmac: { header: X-Signature }') },
      { accepts: 'stripe, github, slack, or { hmac: { header: X-Signature } }' },
    ),
    (written): WebhookVerification => written.hmac,
  ),
});

export const webhookEvent: Shape<WebhookSource> = refine(
  object(
    {
      path: required(intakePath, "Where it answers POST, from the gateway's root.", 'path: /hooks/stripe'),
      verify: required(verify, 'Who signs: stripe, github, slack, or { hmac: { header, … } }.', 'verify: github'),
      secret: required(
        intakeSecrets(secretsMax),
        'The variable of the function that holds the secret, or several while the secret is changed.',
        'secret: WEBHOOK_SECRET',
      ),
      as: optional(
        choice({ words: same(webhookForms), accepts: webhookForms.join(', ') }),
        'What the function gets: the HTTP request (the default without a transform), the body that was sent (with one), or a CloudEvent.',
      ),
      transform: optional(
        anyValue('the transform', transformLengthMax),
        'What is picked of { body, headers, query, path }: a map whose texts are paths ($.body.id) or have some in them (<$.body.id>).',
      ),
    },
    {
      accepts: 'a map of path, verify, secret, as and transform',
      hints: {
        secrets: 'it is called secret, and takes a list, too',
        method: 'webhooks come with POST',
        event: 'it is called as',
        tolerance: 'it belongs into verify: { hmac: { … } }; Stripe and Slack say 5 minutes',
      },
    },
  ),
  ({ path: at, verify: verification, secret, as, transform }, found, report): WebhookSource | undefined => {
    if (transform !== undefined && as === 'request') {
      report(found, 'a transform makes an event of its own; write as: body or as: cloudevent, or leave as out');
      return undefined;
    }
    return {
      kind: 'webhook',
      path: at,
      verify: verification,
      secrets: secret,
      form: as ?? (transform === undefined ? 'request' : 'body'),
      ...(transform !== undefined && { transform }),
    };
  },
);
