import type { Bindings } from '../registry/binding.ts';
import type { BucketNotices } from '../registry/bucket-notices.ts';
import type { AccountId } from '../util/ids.ts';
import { matchesName } from './bucket-notification.ts';

/**
 * Whether anybody listens to a kind of change in a bucket: a change that nobody waits for leaves no event behind.
 * Asked for each change of each object, so the patterns are kept by bucket until a binding changes.
 */
export function bucketInterest(
  bindings: Bindings,
  notices: Pick<BucketNotices, 'of'>,
): (account: AccountId, bucket: string, eventName: string) => boolean {
  let patterns: Map<string, Set<string>> | undefined;
  bindings.watch(() => (patterns = undefined));
  const collect = (): Map<string, Set<string>> => {
    const collected = new Map<string, Set<string>>();
    for (const { account, source } of bindings.ofKind('bucket')) {
      const key = `${account}/${source.bucket}`;
      const present = collected.get(key) ?? new Set();
      for (const pattern of source.events) present.add(pattern);
      collected.set(key, present);
    }
    return collected;
  };
  return (account, bucket, eventName) => {
    patterns ??= collect();
    const { notices: others, isOnEventBridge } = notices.of(account, bucket);
    if (isOnEventBridge) return true;
    const listening = [...(patterns.get(`${account}/${bucket}`) ?? []), ...others.flatMap(({ events }) => events)];
    return listening.some((pattern) => matchesName(pattern, eventName));
  };
}
