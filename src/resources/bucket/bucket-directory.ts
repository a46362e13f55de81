/** Which accounts have a bucket of a name, and who may use it: in memory, for who has to decide at once. */
import type { BucketAddress, HeldBucket } from '../bucket.ts';
import { newBucketAccess, type BucketRecord } from './records.ts';

export type BucketDirectory = {
  /** What is on record now; undefined: nothing any more. */
  note(address: BucketAddress, record: BucketRecord | undefined): void;
  /** The earliest made first. */
  held(name: string): readonly HeldBucket[];
};

export function createBucketDirectory(): BucketDirectory {
  const byName = new Map<string, readonly HeldBucket[]>();
  return {
    note({ account, bucket }, record) {
      const others = (byName.get(bucket) ?? []).filter((one) => one.account !== account);
      const noted =
        record === undefined
          ? others
          : [...others, { account, bucket, createdMs: record.createdMs, access: record.access ?? newBucketAccess }];
      if (noted.length === 0) byName.delete(bucket);
      else
        byName.set(
          bucket,
          noted.toSorted((one, other) => one.createdMs - other.createdMs || order(one, other)),
        );
    },
    held: (name) => byName.get(name) ?? [],
  };
}

const order = (one: BucketAddress, other: BucketAddress): number => (one.account < other.account ? -1 : 1);
