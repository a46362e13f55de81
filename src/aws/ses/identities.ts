/** Identities: addresses and domains that mails are sent from. Whoever may make one has it at once: there is nobody to ask. */
import { isAddress } from '../../events/compose-mail.ts';
import { mailLimits, type MailIdentity } from '../../resources/mail.ts';
import type { AccountId } from '../../util/ids.ts';
import { invalidParameter, refused } from './ses-errors.ts';
import type { SesParts } from './ses-parts.ts';

const isDomain = (name: string): boolean =>
  name.length <= 253 && /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/i.test(name);

/** The one that is there, or a new one. Throws InvalidParameterValue, LimitExceeded. */
export async function addIdentity(
  { mails, clock }: SesParts,
  account: AccountId,
  name: string,
  kind?: MailIdentity['kind'],
): Promise<MailIdentity> {
  const found = name.includes('@') ? 'address' : 'domain';
  const isWell = found === 'address' ? isAddress(name) : isDomain(name);
  if (!isWell || (kind !== undefined && kind !== found))
    throw invalidParameter(`Invalid ${kind === 'domain' ? 'domain name' : 'email address'}<${name}>.`);
  const present = mails.identities.get(account, name);
  if (present !== undefined) return present;
  if (mails.identities.count(account) >= mailLimits.identitiesMax)
    throw refused('LimitExceeded', `An account has at most ${mailLimits.identitiesMax} identities.`);
  const identity: MailIdentity = { kind: found, createdMs: clock.now(), topics: {}, forwardsFeedback: true };
  await mails.identities.put(account, name, identity);
  return identity;
}
