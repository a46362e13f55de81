/**
 * Which bucket a name means. Names are an account's own: the caller's bucket comes first. That of another account is meant
 * only where it has a policy, the earliest made of those, since nothing else could let the caller in; so that buckets of
 * other accounts are in nobody's way.
 */
import type { Principal } from '../../identity/principal.ts';
import type { Buckets, HeldBucket } from '../../resources/bucket.ts';
import type { AccountId } from '../../util/ids.ts';

/** Undefined: none that he could know of. */
export function heldBucket(
  buckets: Pick<Buckets, 'held'>,
  { kind, account }: Principal,
  name: string,
): HeldBucket | undefined {
  const all = buckets.held(name);
  const own = kind === 'anonymous' ? undefined : all.find((one) => one.account === account);
  return own ?? all.find(({ access }) => access.policy !== undefined);
}

/** Whose bucket it is; where there is none, it would be the caller's. */
export const bucketOwner = (buckets: Pick<Buckets, 'held'>, principal: Principal, name: string): AccountId =>
  heldBucket(buckets, principal, name)?.account ?? principal.account;
