/** What the bucket engine appends to the log when an object changes, in the same transaction as the change. */
import type { Cause } from '../util/cause.ts';
import type { AccountId } from '../util/ids.ts';

export const bucketEventsTopic = 'events/bucket';

/**
 * S3's names of what can be listened to, wildcards included. People list all names of a kind, so that two are accepted
 * which never happen here: there are no browser forms (Post) and no versions (DeleteMarkerCreated).
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
 */
export const bucketEventNames: readonly string[] = [
  'ObjectCreated:*',
  'ObjectCreated:Put',
  'ObjectCreated:Post',
  'ObjectCreated:Copy',
  'ObjectCreated:CompleteMultipartUpload',
  'ObjectRemoved:*',
  'ObjectRemoved:Delete',
  'ObjectRemoved:DeleteMarkerCreated',
  'ObjectTagging:*',
  'ObjectTagging:Put',
  'ObjectTagging:Delete',
];

export type BucketEvent = {
  /** Unique; the log message has the same. */
  id: string;
  account: AccountId;
  bucket: string;
  /** Decoded. */
  key: string;
  name:
    | 'ObjectCreated:Put'
    | 'ObjectCreated:Copy'
    | 'ObjectCreated:CompleteMultipartUpload'
    | 'ObjectRemoved:Delete'
    | 'ObjectTagging:Put'
    | 'ObjectTagging:Delete';
  /** Bytes; absent for removals. */
  bytes?: number;
  /** Without quotes; absent for removals. */
  etag?: string;
  /** Hex, grows with each change of the same key. */
  sequencer: string;
  timeMs: number;
  sourceIp: string;
  principalId: string;
  /** The account that asked; absent: the bucket's own. */
  requester?: AccountId;
  requestId: string;
  cause: Cause;
};
