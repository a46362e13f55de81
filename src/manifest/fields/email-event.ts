/** `email: in@example.com`: mail that arrives at the platform's SMTP port. */
import { sourceLimits, type BindingSource } from '../../registry/binding.ts';
import { either, object, optional, required } from '../shape/compound.ts';
import { text } from '../shape/scalar.ts';
import { refine, type Shape } from '../shape/shape.ts';
import { bucketName } from './names.ts';

export type EmailSource = Extract<BindingSource, { kind: 'email' }>;

/** An address, or all of a domain. */
const address = refine(
  text({
    pattern: /[^\s@<>"(),:;\\[\]]{0,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?/,
    accepts: 'an address such as in@example.com, or @example.com for all of its domain,',
  }),
  (written, found, report) => {
    if (written.length <= sourceLimits.textLengthMax) return written;
    report(found, `the address has ${written.length} characters; at most ${sourceLimits.textLengthMax} are accepted`);
    return undefined;
  },
);

const fromMap = object(
  {
    address: required(address, 'The address, or @example.com for all of a domain.', 'address: in@example.com'),
    bucket: optional(
      bucketName,
      'A bucket where each mail is put whole, under its message id, before the function runs: the event has its headers alone. It is created if it is not there, and the function may read it.',
    ),
  },
  {
    accepts: 'a map of address and bucket',
    hints: { name: 'it is called address', to: 'it is called address', recipients: 'one address for each event' },
  },
);

export const emailEvent: Shape<EmailSource> = either<EmailSource>({
  text: refine(address, (written) => ({ kind: 'email', address: written }) as const),
  map: refine(fromMap, ({ address: written, bucket }): EmailSource => ({
    kind: 'email',
    address: written,
    ...(bucket !== undefined && { bucket }),
  })),
});
