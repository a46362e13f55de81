/** The part of a bucket's notification configuration that goes to topics and queues. */
import type { NotificationConfiguration, QueueConfiguration, TopicConfiguration } from '@aws-sdk/client-s3';
import type { BucketNotice } from '../../registry/bucket-notices.ts';
import { invalidArgument } from './listing.ts';
import { parseEvents, parseFilter } from './notification-bindings.ts';

/** `newId`: for those that have none. Throws InvalidArgument. */
export function noticesOf(configuration: NotificationConfiguration | undefined, newId: () => string): BucketNotice[] {
  const noticeOf = (
    { Id, Events, Filter }: TopicConfiguration | QueueConfiguration,
    field: string,
    target: string | undefined,
  ): BucketNotice => {
    if (target === undefined || !/^arn:aws:(sns|sqs):[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+$/.test(target))
      throw invalidArgument(field, target ?? '', 'The ARN could not be parsed');
    if (target.endsWith('.fifo')) throw invalidArgument(field, target, 'FIFO topics and queues are not supported');
    return { id: Id ?? newId(), target, events: parseEvents(Events), ...parseFilter({ Filter }) };
  };
  const { TopicConfigurations = [], QueueConfigurations = [] } = configuration ?? {};
  return [
    ...TopicConfigurations.map((one) => noticeOf(one, 'Topic', one.TopicArn)),
    ...QueueConfigurations.map((one) => noticeOf(one, 'Queue', one.QueueArn)),
  ];
}

export function configurationsOfNotices(notices: readonly BucketNotice[]): NotificationConfiguration {
  const common = ({ id, events, prefix, suffix }: BucketNotice) => {
    const rules = [
      ...(prefix === '' ? [] : [{ Name: 'prefix' as const, Value: prefix }]),
      ...(suffix === '' ? [] : [{ Name: 'suffix' as const, Value: suffix }]),
    ];
    return {
      Id: id,
      // What is in a notice came through parseEvents.
      Events: events.map((name) => `s3:${name}`) as NonNullable<TopicConfiguration['Events']>,
      ...(rules.length === 0 ? {} : { Filter: { Key: { FilterRules: rules } } }),
    };
  };
  const [topics, queues] = ['sns', 'sqs'].map((service) =>
    notices.filter(({ target }) => target.startsWith(`arn:aws:${service}:`)),
  );
  return {
    ...(topics !== undefined &&
      topics.length > 0 && { TopicConfigurations: topics.map((one) => ({ ...common(one), TopicArn: one.target })) }),
    ...(queues !== undefined &&
      queues.length > 0 && { QueueConfigurations: queues.map((one) => ({ ...common(one), QueueArn: one.target })) }),
  };
}
