/** What the parts of the bucket engine share: the ports they are given, and the steps that several of them take. */
import type { Blobs } from '../../store/blobs.ts';
import type { Operation, Records } from '../../store/records.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { Ids } from '../../util/ids.ts';
import type { InTurn } from '../../util/in-turn.ts';
import type { Sealer } from '../../util/sealer.ts';
import type { BucketAddress, WantsEvents } from '../bucket.ts';
import type { BucketDirectory } from './bucket-directory.ts';
import type { LeftNames } from './left-names.ts';
import { asBucket, bucketKey } from './records.ts';
import type { BucketRecord } from './records.ts';
import type { UnownedBlobs } from './unowned-blobs.ts';

export type Core = {
  records: Records;
  blobs: Blobs;
  clock: Clock;
  ids: Ids;
  wantsEvents: WantsEvents;
  directory: BucketDirectory;
  leftNames: LeftNames;
  /** Of the data keys that are the platform's own; absent: there are none. */
  sealer?: Pick<Sealer, 'seal' | 'open'>;
  unowned: UnownedBlobs;
  /**
   * For who changes one key or upload. The store's checks make changes safe; this only spares those who come at once from
   * failing each other's checks over and over.
   */
  inTurn: InTurn;
  nextSequencer: (previous?: string) => string;
};

/** A bucket as it was read: a transaction that checks the revision fails if it has changed since. */
export type FoundBucket = { address: BucketAddress; key: string; revision: number; record: BucketRecord };

export async function findBucket(core: Core, address: BucketAddress): Promise<FoundBucket | undefined> {
  const key = bucketKey(address.account, address.bucket);
  const entry = await core.records.get(key);
  return entry === undefined ? undefined : { address, key, revision: entry.revision, record: asBucket(entry) };
}

export async function needBucket(core: Core, address: BucketAddress): Promise<FoundBucket> {
  const found = await findBucket(core, address);
  if (found === undefined) throw noSuchBucket(address.bucket);
  return found;
}

/** The transaction fails if the bucket was deleted, marked or tagged since. */
export function unchanged(found: FoundBucket): Operation {
  return { kind: 'check', key: found.key, revision: found.revision };
}

export function noSuchBucket(name: string): PlatformError {
  return new PlatformError('not_found', 'The specified bucket does not exist', {
    reason: 'NoSuchBucket',
    facts: { BucketName: name },
  });
}

/** How often a change is tried again that others got in the way of. In one process the locks leave next to nothing to retry. */
const attemptsMax = 100;

/** Calls `attempt` until it answers; `undefined` from it means that somebody else was quicker and it is worth another try. */
export async function untilCommitted<Result>(attempt: () => Promise<Result | undefined>): Promise<Result> {
  for (let attempts = 0; attempts < attemptsMax; attempts++) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw operationAborted();
}

export function operationAborted(): PlatformError {
  return new PlatformError(
    'conflict',
    'A conflicting conditional operation is currently in progress against this resource. Please try again.',
    { reason: 'OperationAborted' },
  );
}

/**
 * Grows with each call, with time, and past `previous`, so that the changes of one key are in order across restarts.
 * Eighteen hex digits; S3's are compared as text too. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function sequencers(clock: Clock): Core['nextSequencer'] {
  let last = 0n;
  return (previous = '0') => {
    // 2¹² changes in a millisecond before the numbers run ahead of the clock, which does no harm.
    const candidates = [last + 1n, BigInt(`0x${previous}`) + 1n, BigInt(clock.now()) << 12n];
    last = candidates.reduce((a, b) => (a > b ? a : b));
    return last.toString(16).toUpperCase().padStart(18, '0');
  };
}
