/** Which topics and queues hear of changes in a bucket. What functions hear is bindings: this is the rest of a bucket's notification configuration. */
import { scan, type Records } from '../store/records.ts';
import type { AccountId } from '../util/ids.ts';

export type BucketNotice = {
  /** Unique in the bucket. */
  id: string;
  /** S3's names without `s3:`, `ObjectCreated:*`. */
  events: readonly string[];
  prefix: string;
  suffix: string;
  /** ARN of a topic or a queue of the same account. */
  target: string;
};

/** Read from memory at once; written to disk before it answers. */
export interface BucketNotices {
  of(account: AccountId, bucket: string): readonly BucketNotice[];
  /** All that the bucket has from now on; none: it is forgotten. */
  put(account: AccountId, bucket: string, notices: readonly BucketNotice[]): Promise<void>;
}

const prefix = 'bucket-notices/';
const keyOf = (account: AccountId, bucket: string): string => `${prefix}${account}/${bucket}`;
const none: readonly BucketNotice[] = Object.freeze([]);

export async function openBucketNotices({ records }: { records: Records }): Promise<BucketNotices> {
  const held = new Map<string, readonly BucketNotice[]>();
  for await (const { key, value } of scan(records, prefix)) held.set(key, value as readonly BucketNotice[]);
  return {
    of: (account, bucket) => held.get(keyOf(account, bucket)) ?? none,
    async put(account, bucket, notices) {
      const key = keyOf(account, bucket);
      if (notices.length === 0) {
        if (!held.has(key)) return;
        await records.transact([{ kind: 'delete', key }]);
        held.delete(key);
      } else {
        await records.transact([{ kind: 'put', key, value: notices }]);
        held.set(key, notices);
      }
    },
  };
}
