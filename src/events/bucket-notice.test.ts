import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBucketNotices } from '../registry/bucket-notices.ts';
import { bucketEventsTopic, type BucketEvent } from '../resources/bucket-event.ts';
import { busEventsTopic, type PutEvent } from '../resources/event-bus/bus-event.ts';
import { EventBuses } from '../resources/event-bus/event-buses.ts';
import { Queues } from '../resources/queue.ts';
import { publishedTopics, Topics, type Published } from '../resources/topic.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { newCause } from '../util/cause.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds } from '../util/ids.ts';
import { createNoticeSender } from './bucket-notice.ts';
import { bucketSource } from './bucket.ts';
import { queuePermission } from './queue-permission.ts';
import { account, rig } from './source-rig.ts';
import { topicPermission } from './topic-permission.ts';

const region = 'us-east-1';
const event = (key: string): BucketEvent => ({
  id: `id-${key}`,
  account,
  bucket: 'pics',
  key,
  name: 'ObjectCreated:Put',
  sequencer: '1',
  timeMs: 0,
  sourceIp: '127.0.0.1',
  principalId: 'p',
  requestId: 'r',
  cause: newCause(0, '1'.repeat(24)),
});

test('changes reach the bus, and the topic and the queue whose policies let S3 in for this bucket', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const parts = { ...store, clock, ids: randomIds };
  const [topics, queues] = [await Topics.open(parts), await Queues.open(parts)];
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 's3.amazonaws.com' },
      Action: ['sns:Publish', 'sqs:SendMessage'],
      Resource: '*',
      Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::pics' } },
    },
  });
  await topics.create(account, 'news', { settings: { policy } });
  await queues.create(account, 'inbox', { policy });
  await queues.create(account, 'closed');
  const notices = await openBucketNotices(store);
  const common = { events: ['ObjectCreated:*'], prefix: '', suffix: '.jpg' };
  const arn = (service: string, name: string): string => `arn:aws:${service}:${region}:${account}:${name}`;
  await notices.put(account, 'pics', {
    notices: [
      { id: 't', ...common, target: arn('sns', 'news') },
      { id: 'q', ...common, target: arn('sqs', 'inbox') },
      { id: 'c', ...common, target: arn('sqs', 'closed') },
    ],
    isOnEventBridge: true,
  });
  const reports: string[] = [];
  const sender = createNoticeSender({
    notices,
    topics,
    queues,
    buses: await EventBuses.open(parts),
    mayPublish: topicPermission(topics, region),
    maySend: queuePermission(queues, region),
    region,
    report: (message) => void reports.push(message),
  });
  assert.equal(sender.permission(account, 'other', arn('sns', 'news')), 'not_allowed');
  const { stop } = await rig(bucketSource, { clock, store, context: { notices: sender } });
  const events = [event('a.jpg'), event('b.txt')];
  await store.log.append(
    bucketEventsTopic,
    events.map((one) => ({ id: one.id, body: JSON.stringify(one) })),
  );
  await clock.advance(100);
  const [message] = await queues.receive(account, 'inbox', { max: 10, waitMs: 0 });
  const record = (text: string) => JSON.parse(text).Records[0];
  assert.equal(record(message?.body ?? '').s3.object.key, 'a.jpg');
  assert.equal(record(message?.body ?? '').s3.configurationId, 'q');
  assert.equal(message?.cause?.traceId, event('a.jpg').cause.traceId);
  const published = await store.log.peek(publishedTopics.plain, 10);
  assert.equal(published.length, 1);
  const [{ body } = { body: '' }] = published;
  const { message: told } = JSON.parse(body) as Published;
  assert.equal(told.subject, 'Amazon S3 Notification');
  assert.equal(record(told.message).s3.object.key, 'a.jpg');
  const put = (await store.log.peek(busEventsTopic, 10)).map((one) => JSON.parse(one.body) as PutEvent);
  assert.deepEqual(
    put.map(({ bus, event: { detailType, detail } }) => [bus, detailType, JSON.parse(detail).object.key]),
    events.map(({ key }) => ['default', 'Object Created', key]),
    'the bus hears of every change',
  );
  assert.equal(put[0]?.event.cause.traceId, event('a.jpg').cause.traceId);
  assert.deepEqual(reports, [`a change in the bucket pics was not told to ${arn('sqs', 'closed')}`]);
  await stop();
});
