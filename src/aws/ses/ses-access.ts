/** What SES's operations need permission for. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonses.html */
import { addressesIn } from '../../events/compose-mail.ts';
import type { Access, AwsContext } from '../service.ts';
import { authorsOf } from './send-mail.ts';
import type { SesParts } from './ses-parts.ts';

const sesArn = ({ region, account }: Pick<AwsContext, 'region' | 'account'>, resource: string): string =>
  `arn:aws:ses:${region}:${account}:${resource}`;

/** On `identity/…`, `template/…`, `configuration-set/…`; `*` where AWS names none. */
export const sesAccess = (context: AwsContext, action: string, resource = '*'): Access[] => [
  { action: `ses:${action}`, resource: sesArn(context, resource) },
];

/** On the identity that the address in `from` is sent with, or would be. */
export function sendingAccess(
  { mails }: SesParts,
  context: AwsContext,
  action: string,
  from: string | undefined,
): Access[] {
  const [address = ''] = addressesIn(from ?? '');
  return sesAccess(context, action, `identity/${mails.identityOf(context.account, address) ?? address}`);
}

/** The same of a mail that is given whole, and on the identities of those whose mail it says it is. */
export function sendingRawAccess(
  parts: SesParts,
  context: AwsContext,
  from: string | undefined,
  data: Uint8Array = new Uint8Array(),
): Access[] {
  const senders = new Set([...addressesIn(from ?? '').slice(0, 1), ...authorsOf(data)]);
  if (senders.size === 0) return sendingAccess(parts, context, 'SendRawEmail', from);
  return [...senders].flatMap((address) => sendingAccess(parts, context, 'SendRawEmail', address));
}
