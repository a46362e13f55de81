/** What the bucket engine appends to the log when an object changes, in the same transaction as the change. */
import type { Cause } from '../util/cause.ts';
import type { AccountId } from '../util/ids.ts';

export const bucketEventsTopic = 'events/bucket';

export type BucketEvent = {
  /** Unique; the log message has the same. */
  id: string;
  account: AccountId;
  bucket: string;
  /** Decoded. */
  key: string;
  name:
    | 'ObjectCreated:Put'
    | 'ObjectCreated:Post'
    | 'ObjectCreated:Copy'
    | 'ObjectCreated:CompleteMultipartUpload'
    | 'ObjectRemoved:Delete';
  /** Bytes; absent for removals. */
  bytes?: number;
  /** Without quotes; absent for removals. */
  etag?: string;
  /** Hex, grows with each change of the same key. */
  sequencer: string;
  timeMs: number;
  sourceIp: string;
  principalId: string;
  requestId: string;
  cause: Cause;
};
