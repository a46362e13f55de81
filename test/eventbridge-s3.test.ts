/** Changes of objects on the event bus, through the official SDKs and through kill -9. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { anyRoleArn, makeAnyRole } from './harness/any-role.ts';
import { awsClient } from './harness/aws-client.ts';
import { eventually } from './harness/eventually.ts';
import { startMayfly, type StartedMayfly } from './harness/start-mayfly.ts';

const waitMs = 60_000;
const Bucket = 'pics';
const [arn, roleArn] = ['arn:aws:sqs:us-east-1:000000000000:heard', anyRoleArn];

type Told = { 'detail-type': string; detail: { bucket: object; object: { key: string }; reason?: string } };

let mayfly: StartedMayfly;
let s3: S3Client;
let sqs: SQSClient;

const connect = (): void => {
  s3 = new S3Client({ ...awsClient(mayfly), forcePathStyle: true });
  sqs = new SQSClient(awsClient(mayfly));
};

before(async () => {
  mayfly = await startMayfly();
  await makeAnyRole(awsClient(mayfly));
  connect();
  const events = new EventBridgeClient(awsClient(mayfly));
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    }),
  );
  await sqs.send(new CreateQueueCommand({ QueueName: 'heard' }));
  const pattern = { source: ['aws.s3'], detail: { bucket: { name: [Bucket] } } };
  await events.send(new PutRuleCommand({ Name: 'pics', EventPattern: JSON.stringify(pattern) }));
  await events.send(new PutTargetsCommand({ Rule: 'pics', Targets: [{ Id: 'one', Arn: arn, RoleArn: roleArn }] }));
  events.destroy();
});

after(async () => {
  for (const client of [s3, sqs]) client.destroy();
  await mayfly[Symbol.asyncDispose]();
});

/** Told at least once each; until there are so many different ones. */
async function told(count: number): Promise<Told[]> {
  const byId = new Map<string, Told>();
  const QueueUrl = `${mayfly.api}/000000000000/heard`;
  await eventually(`${count} events`, waitMs, async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    for (const { Body = '' } of Messages) {
      const event = JSON.parse(Body) as Told & { id: string };
      byId.set(event.id, event);
    }
    const Entries = Messages.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle }));
    if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    return byId.size >= count ? true : undefined;
  });
  return [...byId.values()];
}

test('every change of an object is an event of the default bus', async () => {
  const Key = 'a b.txt';
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'hello' }));
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: [{ Key: 'a', Value: '1' }] } }));
  await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key }));
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/a%20b.txt` }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'copy' }));
  const events = await told(5);
  assert.deepEqual(
    events
      .map((event) => `${event['detail-type']} ${event.detail.reason ?? '-'} ${event.detail.object.key}`)
      .toSorted(),
    [
      'Object Created CopyObject copy',
      'Object Created PutObject a b.txt',
      'Object Deleted DeleteObject copy',
      'Object Tags Added - a b.txt',
      'Object Tags Deleted - a b.txt',
    ],
  );
  const put = events.find(({ detail }) => detail.reason === 'PutObject');
  assert.partialDeepStrictEqual(put, {
    source: 'aws.s3',
    account: '000000000000',
    resources: ['arn:aws:s3:::pics'],
    detail: { object: { size: 5, etag: '5d41402abc4b2a76b9719d911017c592' }, requester: '000000000000' },
  });
});

test('what was put before kill -9 is told after it', async () => {
  const keys = Array.from({ length: 30 }, (_, index) => `late-${index}`);
  await Promise.all(keys.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))));
  for (const client of [s3, sqs]) client.destroy();
  mayfly = await mayfly.killAndRestart();
  connect();
  const events = await told(keys.length);
  assert.deepEqual(events.map(({ detail }) => detail.object.key).toSorted(), keys.toSorted());
});
