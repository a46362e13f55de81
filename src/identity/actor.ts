/** Who is asking, as the audit log tells it. */
import type { Actor } from '../resources/audit-log/audit-entry.ts';
import { never } from '../util/assert.ts';
import type { AccountId } from '../util/ids.ts';
import type { Principal } from './principal.ts';

export function actorOf(principal: Principal): Actor {
  const { kind, account, arn, accessKeyId } = principal;
  const known = { kind, account, arn, accessKeyId };
  switch (principal.kind) {
    case 'administrator':
      return { ...known, name: 'root' };
    case 'function':
      return { ...known, name: principal.functionName };
    case 'user':
      return { ...known, name: principal.userName };
    case 'role':
      return { ...known, name: principal.sessionName, issuer: principal.roleArn };
    case 'federated':
      return { ...known, name: principal.name };
    case 'anonymous':
      return { ...known, name: '' };
    default:
      return never(principal);
  }
}

/** Keys are twenty characters; what somebody claims may be anything. */
const claimedCharactersMax = 128;

/** Somebody who is not believed. `account`: whose log it goes into. */
export const unknownActor = (account: AccountId, claimedKey = ''): Actor => ({
  kind: 'unknown',
  account,
  arn: '',
  accessKeyId: claimedKey.slice(0, claimedCharactersMax),
  name: '',
});
