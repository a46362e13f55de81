/**
 * What an account is bounded by, whoever asks in it: the policies that the operator has given it, as an organisation's
 * service control policies, and nothing at all while it is suspended. The operator's own account is bounded by nothing, so
 * that a mistake can be undone.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
 */
import type { Account, Accounts } from '../resources/accounts.ts';
import type { AccountId } from '../util/ids.ts';
import type { Policies } from './evaluate.ts';
import { parsePolicyDocument } from './policy-document.ts';

type Limits = Policies['organisation'];

export function createAccountLimits(accounts: Pick<Accounts, 'get' | 'operator'>): (id: AccountId) => Limits {
  const parsed = new WeakMap<Account, { limits: Limits }>();
  return (id) => {
    const account = id === accounts.operator ? undefined : accounts.get(id);
    if (account === undefined) return undefined;
    const known = parsed.get(account);
    if (known !== undefined) return known.limits;
    const limits = limitsOf(account);
    parsed.set(account, { limits });
    return limits;
  };
}

function limitsOf({ isSuspended, policies }: Account): Limits {
  if (isSuspended) return [[]];
  if (policies.length === 0) return undefined;
  return [policies.map((text) => parsePolicyDocument(text, 'identity'))];
}
