/**
 * Which bucket a name means. Names are an account's own: the caller's bucket comes first. That of another account is meant
 * only where it has a policy, the earliest made of those, since nothing else could let the caller in; so that buckets of
 * other accounts are in nobody's way. For a while after the account that had let others in does so no more, the name does not
 * come to mean the next one's: who goes on using it would send what he has to a stranger, or take what a stranger has put there.
 */
import type { Principal } from '../../identity/principal.ts';
import type { Buckets, HeldBucket } from '../../resources/bucket.ts';
import type { AccountId } from '../../util/ids.ts';

/** Undefined: none that he could know of. */
export function heldBucket(
  buckets: Pick<Buckets, 'held' | 'leftBy'>,
  { kind, account }: Principal,
  name: string,
): HeldBucket | undefined {
  const all = buckets.held(name);
  const own = kind === 'anonymous' ? undefined : all.find((one) => one.account === account);
  const left = buckets.leftBy(name);
  return own ?? all.find((one) => one.access.policy !== undefined && (left === undefined || one.account === left));
}

/** Whose bucket it is; where there is none, it would be the caller's. */
export const bucketOwner = (buckets: Pick<Buckets, 'held' | 'leftBy'>, principal: Principal, name: string): AccountId =>
  heldBucket(buckets, principal, name)?.account ?? principal.account;
