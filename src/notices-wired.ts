/** Who hears of changes in buckets beside functions: topics, queues, and the event bus. */
import { createNoticeSender, type NoticeSender } from './events/bucket-notice.ts';
import type { MessagingKeys } from './events/keys-for.ts';
import { queuePermission } from './events/queue-permission.ts';
import type { Report } from './events/source.ts';
import { topicPermission } from './events/topic-permission.ts';
import { openBucketNotices, type BucketNotices } from './registry/bucket-notices.ts';
import type { EventBuses } from './resources/event-bus/event-buses.ts';
import type { Queues } from './resources/queue.ts';
import type { Topics } from './resources/topic.ts';
import type { Records } from './store/records.ts';

export type NoticesParts = {
  records: Records;
  topics: Topics;
  queues: Queues;
  buses: EventBuses;
  keys: MessagingKeys;
  region: string;
  report: Report;
};

export type WiredNotices = { notices: BucketNotices; noticeSender: NoticeSender };

export async function wireNotices(parts: NoticesParts): Promise<WiredNotices> {
  const { records, topics, queues, buses, keys, region, report } = parts;
  const notices = await openBucketNotices({ records });
  const noticeSender = createNoticeSender({
    notices,
    topics,
    queues,
    buses,
    mayPublish: topicPermission(topics, region),
    maySend: queuePermission(queues, region),
    keys,
    region,
    report,
  });
  return { notices, noticeSender };
}
