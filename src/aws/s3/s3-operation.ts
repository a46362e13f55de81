/** What the operations of S3 are given, and what each of them is. */
import type { NoticeSender } from '../../events/bucket-notice.ts';
import type { Principal } from '../../identity/principal.ts';
import type { Bindings } from '../../registry/binding.ts';
import type { BucketNotices } from '../../registry/bucket-notices.ts';
import type { BucketAddress, Buckets } from '../../resources/bucket.ts';
import type { Clock } from '../../util/clock.ts';
import type { Ids } from '../../util/ids.ts';
import type { KeyUse } from '../key-use.ts';
import type { Access, AwsContext } from '../service.ts';
import type { Destination } from './notification-destination.ts';

export type S3Parts = {
  buckets: Buckets;
  /** Where a bucket's notification configuration lives. */
  bindings: Bindings;
  notices: BucketNotices;
  noticeSender: Pick<NoticeSender, 'permission' | 'test'>;
  /** Whether a bucket's notifications may go to a function, by its name and a version or alias. */
  destination: (bucket: BucketAddress, name: string, qualifier: string) => Destination;
  /** Whether a policy may ask for a key that begins so, of what somebody does to a bucket; absent: any may. */
  policiesAsk?: (who: Principal, bucket: string, prefix: string) => boolean;
  /** Keys of those who ask; absent: there are none. */
  keyUse?: KeyUse;
  clock: Clock;
  ids: Ids;
};

/** An SDK input as it arrives: a streaming body is bytes to be read once. */
export type Request<Input> = Input extends { Body?: unknown }
  ? Omit<Input, 'Body'> & { Body: AsyncIterable<Uint8Array> }
  : Input;

/** An SDK output as it is answered. */
export type Answer<Output> = Omit<Output, '$metadata' | 'Body'> &
  (Output extends { Body?: unknown } ? { Body?: AsyncIterable<Uint8Array> } : unknown);

export type S3Operation<Input, Output> = {
  access: (context: AwsContext, input: Request<Input>) => readonly Access[];
  run: (context: AwsContext, input: Request<Input>) => Promise<Answer<Output>>;
};
