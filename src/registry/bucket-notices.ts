/**
 * Which topics and queues hear of changes in a bucket, and whether the event bus does. What functions hear is bindings:
 * this is the rest of a bucket's notification configuration.
 */
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

export type BucketTelling = {
  notices: readonly BucketNotice[];
  /** Whether every change goes to the account's default event bus. */
  isOnEventBridge: boolean;
};

/** Read from memory at once; written to disk before it answers. */
export interface BucketNotices {
  of(account: AccountId, bucket: string): BucketTelling;
  /** All that the bucket has from now on; nothing: it is forgotten. */
  put(account: AccountId, bucket: string, telling: BucketTelling): Promise<void>;
}

const prefix = 'bucket-notices/';
const keyOf = (account: AccountId, bucket: string): string => `${prefix}${account}/${bucket}`;
export const noTelling: BucketTelling = Object.freeze({ notices: [], isOnEventBridge: false });

export async function openBucketNotices({ records }: { records: Records }): Promise<BucketNotices> {
  const held = new Map<string, BucketTelling>();
  for await (const { key, value } of scan(records, prefix)) held.set(key, asTelling(value));
  return {
    of: (account, bucket) => held.get(keyOf(account, bucket)) ?? noTelling,
    async put(account, bucket, telling) {
      const key = keyOf(account, bucket);
      if (telling.notices.length === 0 && !telling.isOnEventBridge) {
        if (!held.has(key)) return;
        await records.transact([{ kind: 'delete', key }]);
        held.delete(key);
      } else {
        await records.transact([{ kind: 'put', key, value: telling }]);
        held.set(key, telling);
      }
    },
  };
}

/** What was written before there was a bus is the list of notices alone. */
const asTelling = (value: unknown): BucketTelling =>
  Array.isArray(value)
    ? { notices: value as readonly BucketNotice[], isOnEventBridge: false }
    : (value as BucketTelling);
