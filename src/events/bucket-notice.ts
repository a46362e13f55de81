/**
 * Changes of objects as messages of topics and queues, S3's notification in each, and as events of the default event bus.
 * A message sent again it changes nothing where the
 * first is still there; a receiver that is gone or lets S3 in no more is no reason to hold up the others, and is told to
 * the operator. https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
 */
import type { BucketNotice, BucketNotices } from '../registry/bucket-notices.ts';
import type { BucketEvent } from '../resources/bucket-event.ts';
import { defaultBus } from '../resources/event-bus/event-bus.ts';
import type { EventBuses } from '../resources/event-bus/event-buses.ts';
import type { Queues } from '../resources/queue.ts';
import type { Topics } from '../resources/topic.ts';
import type { Operation } from '../store/records.ts';
import { parseArn } from '../util/arn.ts';
import type { Cause } from '../util/cause.ts';
import { PlatformError } from '../util/errors.ts';
import { derivedUuid, type AccountId } from '../util/ids.ts';
import { bucketBusEvent } from './bucket-bus-event.ts';
import { bucketNotification, matches } from './bucket-notification.ts';
import type { OnBehalf, Permission } from './function-permission.ts';
import { noMessagingKeys, type MessagingKeys } from './keys-for.ts';
import type { QueuePermission } from './queue-permission.ts';
import type { Report } from './source.ts';
import type { TopicPermission } from './topic-permission.ts';

export type NoticeParts = {
  notices: BucketNotices;
  topics: Pick<Topics, 'publish'>;
  queues: Pick<Queues, 'send'>;
  buses: Pick<EventBuses, 'putOperation'>;
  mayPublish: TopicPermission;
  maySend: QueuePermission;
  /** For topics and queues that are encrypted with keys; absent: none is. */
  keys?: MessagingKeys;
  region: string;
  report: Report;
};

export type NoticeSender = {
  /** Durable once resolved. Rejects when the disk refuses. */
  send(event: BucketEvent): Promise<void>;
  /** For a transaction: the event as the bus gets it, where the bucket is on it. */
  onBus(event: BucketEvent): { id: string; place: string; operation: Operation } | undefined;
  /** Whether a bucket's notices may go there. `missing`: also for what is neither topic nor queue. */
  permission(account: AccountId, bucket: string, target: string): Permission;
  /** What S3 sends to see whether somebody listens. */
  test(
    account: AccountId,
    bucket: string,
    target: string,
    what: { id: string; text: string; cause: Cause },
  ): Promise<void>;
};

const service = 's3.amazonaws.com';
const subject = 'Amazon S3 Notification';

export function createNoticeSender(parts: NoticeParts): NoticeSender {
  const { notices, topics, queues, buses, mayPublish, maySend, keys = noMessagingKeys, region, report } = parts;

  const behalfOf = (account: AccountId, bucket: string): OnBehalf => ({
    service,
    sourceArn: `arn:aws:s3:::${bucket}`,
    sourceAccount: account,
  });

  function permission(account: AccountId, bucket: string, target: string): Permission {
    const arn = parseArn(target);
    if (arn === undefined || arn.account !== account || arn.region !== region) return 'missing';
    const behalf = behalfOf(account, bucket);
    if (arn.service === 'sns') return mayPublish(account, arn.resource, behalf);
    return arn.service === 'sqs' ? maySend(account, arn.resource, behalf) : 'missing';
  }

  async function put(
    behalf: OnBehalf,
    target: string,
    { id, text, cause }: { id: string; text: string; cause: Cause },
  ): Promise<void> {
    const arn = parseArn(target);
    const name = arn?.resource ?? '';
    const { sourceAccount: account } = behalf;
    if (arn?.service === 'sns') {
      const message = { id, message: text, subject, attributes: {}, cause };
      await topics.publish(account, name, [message], keys.topics.service(behalf));
    } else {
      const message = { id, body: text, senderId: service, cause };
      await queues.send(account, name, [message], keys.queues.service(behalf));
    }
  }

  async function tell(event: BucketEvent, { id: noticeId, target }: BucketNotice): Promise<void> {
    const { account, bucket, id, cause } = event;
    const allowed = permission(account, bucket, target);
    try {
      if (allowed !== 'allowed') throw new PlatformError('permission_denied', allowed);
      const text = JSON.stringify(bucketNotification(event, noticeId, region));
      await put(behalfOf(account, bucket), target, { id: derivedUuid('notice', id, noticeId), text, cause });
    } catch (cause) {
      if (!(cause instanceof PlatformError) || cause.fault !== 'caller' || cause.code === 'throttled') throw cause;
      report(`a change in the bucket ${bucket} was not told to ${target}`, cause);
    }
  }

  return {
    async send(event) {
      const wanted = notices
        .of(event.account, event.bucket)
        .notices.filter((notice) => matches({ kind: 'bucket', bucket: event.bucket, ...notice }, event));
      await Promise.all(wanted.map((notice) => tell(event, notice)));
    },
    onBus(event) {
      const { account, bucket } = event;
      if (!notices.of(account, bucket).isOnEventBridge) return undefined;
      const told = bucketBusEvent(event, region);
      const operation = buses.putOperation(account, defaultBus, told);
      return operation === undefined ? undefined : { id: told.id, place: `bus ${defaultBus}`, operation };
    },
    permission,
    test: (account, bucket, target, what) => put(behalfOf(account, bucket), target, what),
  };
}
