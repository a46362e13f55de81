/** Universal targets of schedules through the official SDKs: operations of every service, called with a role. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateScheduleCommand, GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { awsClient } from './harness/aws-client.ts';
import { eventually } from './harness/eventually.ts';
import { startMayfly, type StartedMayfly } from './harness/start-mayfly.ts';

const account = '000000000000';
const roleArn = `arn:aws:iam::${account}:role/nightly`;
const waitMs = 60_000;

let mayfly: StartedMayfly;
let scheduler: SchedulerClient;
let sqs: SQSClient;

before(async () => {
  mayfly = await startMayfly();
  scheduler = new SchedulerClient(awsClient(mayfly));
  sqs = new SQSClient(awsClient(mayfly));
  await makeRole('nightly', ['sqs:*', 'sns:Publish', 'events:PutEvents', 's3:PutObject', 'lambda:InvokeFunction']);
});

after(async () => {
  for (const client of [scheduler, sqs]) client.destroy();
  await mayfly[Symbol.asyncDispose]();
});

async function makeRole(RoleName: string, actions: readonly string[]): Promise<void> {
  const iam = new IAMClient(awsClient(mayfly));
  const document = (statement: object): string => JSON.stringify({ Version: '2012-10-17', Statement: statement });
  const Principal = { Service: 'scheduler.amazonaws.com' };
  await iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: document({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }),
    }),
  );
  const PolicyDocument = document({ Effect: 'Allow', Action: actions, Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
  iam.destroy();
}

let count = 0;

/** Something that is due now, and so is done at once. */
async function call(action: string, input: unknown, deadLetterQueue?: string, role = roleArn): Promise<string> {
  const Name = `call-${++count}`;
  const now = new Date().toISOString().slice(0, 19);
  await scheduler.send(
    new CreateScheduleCommand({
      Name,
      ScheduleExpression: `at(${now})`,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: `arn:aws:scheduler:::aws-sdk:${action}`,
        RoleArn: role,
        ...(input !== undefined && { Input: typeof input === 'string' ? input : JSON.stringify(input) }),
        ...(deadLetterQueue !== undefined && { DeadLetterConfig: { Arn: deadLetterQueue } }),
        RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 86_400 },
      },
    }),
  );
  return Name;
}

const urlOf = (queue: string): string => `${mayfly.api}/${account}/${queue}`;
const arnOf = (queue: string): string => `arn:aws:sqs:us-east-1:${account}:${queue}`;

/** Whoever wants to may send to it. */
async function makeQueue(name: string): Promise<void> {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' },
  });
  await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy } }));
}

const receive = (queue: string): Promise<Message> =>
  eventually(`a message in ${queue}`, waitMs, async () => {
    const { Messages: [message] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: urlOf(queue), WaitTimeSeconds: 2, MessageAttributeNames: ['All'] }),
    );
    if (message !== undefined)
      await sqs.send(new DeleteMessageCommand({ QueueUrl: urlOf(queue), ReceiptHandle: message.ReceiptHandle }));
    return message;
  });

const refused = (message: RegExp) => (error: Error) => {
  assert.equal(error.name, 'ValidationException');
  assert.match(error.message, message);
  return true;
};

test('a queue is made and gets a message with attributes', async () => {
  await call('sqs:createQueue', { QueueName: 'made', Attributes: { VisibilityTimeout: '77' } });
  const { Attributes } = await eventually('the queue', waitMs, async () =>
    sqs
      .send(new GetQueueAttributesCommand({ QueueUrl: urlOf('made'), AttributeNames: ['VisibilityTimeout'] }))
      .catch(() => undefined),
  );
  assert.equal(Attributes?.VisibilityTimeout, '77');
  await call('sqs:sendMessage', {
    QueueUrl: urlOf('made'),
    MessageBody: 'at <aws.scheduler.scheduled-time>',
    MessageAttributes: { raw: { DataType: 'Binary', BinaryValue: 'bytes' } },
  });
  const { Body, MessageAttributes } = await receive('made');
  assert.match(Body ?? '', /^at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(Buffer.from(MessageAttributes?.['raw']?.BinaryValue ?? []).toString(), 'bytes');
});

test('a message is published and an event put', async () => {
  const sns = new SNSClient(awsClient(mayfly));
  const events = new EventBridgeClient(awsClient(mayfly));
  await makeQueue('heard');
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: arnOf('heard'),
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  await call('sns:publish', { TopicArn, Message: 'hello' });
  assert.equal((await receive('heard')).Body, 'hello');
  await events.send(new PutRuleCommand({ Name: 'shop', EventPattern: '{"source":["shop"]}' }));
  await events.send(new PutTargetsCommand({ Rule: 'shop', Targets: [{ Id: 'one', Arn: arnOf('heard') }] }));
  await call('eventbridge:putEvents', { Entries: [{ Source: 'shop', DetailType: 'Paid', Detail: '{"n":1}' }] });
  assert.partialDeepStrictEqual(JSON.parse((await receive('heard')).Body ?? ''), { source: 'shop', detail: { n: 1 } });
  for (const client of [sns, events]) client.destroy();
});

test('an object is put, its text being its bytes, and names are known with other capitals', async () => {
  const s3 = new S3Client({ ...awsClient(mayfly), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
  const Metadata = { by: 'schedule' };
  await call('s3:putObject', { bucket: 'kept', Key: 'a.txt', Body: 'héllo', ContentType: 'text/plain', Metadata });
  const object = await eventually('the object', waitMs, async () =>
    s3.send(new GetObjectCommand({ Bucket: 'kept', Key: 'a.txt' })).catch(() => undefined),
  );
  assert.equal(await text(object.Body as AsyncIterable<Uint8Array>), 'héllo');
  assert.equal(object.ContentType, 'text/plain');
  assert.deepEqual(object.Metadata, Metadata);
  s3.destroy();
});

test('a function is invoked with the text as its event', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-universal-'));
  await writeFile(
    join(folder, 'told.mjs'),
    'export const handler = async (event) => console.log(`told ${event.word}`);',
  );
  await writeFile(
    join(folder, 'mayfly.yaml'),
    'functions: { told: { runtime: nodejs, handler: told.handler, code: [told.mjs] } }',
  );
  await mayfly.json('deploy', folder);
  await rm(folder, { recursive: true });
  await call('lambda:invoke', { FunctionName: 'told', InvocationType: 'Event', Payload: '{"word":"abracadabra"}' });
  await eventually('the line', waitMs, async () => {
    const lines = JSON.stringify(await mayfly.json('logs', 'told'));
    return lines.includes('told abracadabra') ? true : undefined;
  });
});

test('what the operation refuses lies in the dead-letter queue at once, with its error', async () => {
  await makeQueue('dead');
  await call('sqs:sendMessage', { QueueUrl: urlOf('nowhere'), MessageBody: 'x' }, arnOf('dead'));
  const { Body, MessageAttributes = {} } = await receive('dead');
  assert.deepEqual(JSON.parse(Body ?? ''), { QueueUrl: urlOf('nowhere'), MessageBody: 'x' });
  assert.equal(MessageAttributes['ERROR_CODE']?.StringValue, 'QueueDoesNotExist');
  assert.equal(MessageAttributes['RETRY_ATTEMPTS']?.StringValue, '0');
  await call('sqs:sendMessage', { QueueUrl: urlOf('dead') }, arnOf('dead'));
  assert.match((await receive('dead')).MessageAttributes?.['ERROR_MESSAGE']?.StringValue ?? '', /MessageBody/);
  await call('sqs:createQueue', undefined, arnOf('dead'));
  assert.equal((await receive('dead')).Body, '{}');
});

test('a call has what the policies of its role allow, and no more', async () => {
  await makeQueue('refused');
  await makeRole('poor', ['sqs:SendMessage']);
  const refusalOf = async (role: string) => {
    await call('sqs:createQueue', { QueueName: 'never' }, arnOf('refused'), `arn:aws:iam::${account}:role/${role}`);
    const { MessageAttributes = {} } = await receive('refused');
    assert.equal(MessageAttributes['ERROR_CODE']?.StringValue, 'AccessDenied');
    return MessageAttributes['ERROR_MESSAGE']?.StringValue ?? '';
  };
  assert.match(await refusalOf('poor'), /assumed-role\/poor\/.* not authorized to perform: sqs:CreateQueue/);
  await makeRole('fickle', ['sqs:*']);
  const distrust = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
  });
  const fickle = `arn:aws:iam::${account}:role/fickle`;
  const iam = new IAMClient(awsClient(mayfly));
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'fickle', PolicyDocument: distrust }));
  iam.destroy();
  for (const role of [fickle, `${fickle}-not-there`]) {
    const making = call('sqs:createQueue', { QueueName: 'never' }, undefined, role);
    await assert.rejects(making, refused(/role you provide must allow/));
  }
  await assert.rejects(sqs.send(new GetQueueUrlCommand({ QueueName: 'never' })), { name: 'QueueDoesNotExist' });
});

test('a role of another account is not given to the scheduler', async () => {
  const role = 'arn:aws:iam::111111111111:role/any';
  const making = call('sqs:createQueue', { QueueName: 'theirs' }, undefined, role);
  await assert.rejects(making, { name: 'AccessDeniedException' });
});

test('what cannot be called is refused by name when the schedule is made', async () => {
  const named = await call('sqs:purgeQueue', { QueueUrl: urlOf('made') });
  const { Target } = await scheduler.send(new GetScheduleCommand({ Name: named }));
  assert.equal(Target?.Arn, 'arn:aws:scheduler:::aws-sdk:sqs:purgeQueue');
  await assert.rejects(call('kinesis:putRecord', {}), refused(/^kinesis is not a supported service for a target/));
  await assert.rejects(call('sqs:getQueueUrl', {}), refused(/^getQueueUrl of sqs is not supported.*only reads/));
  await assert.rejects(call('sqs:ReceiveMessage', {}), refused(/only reads/));
  await assert.rejects(call('sqs:sendMesage', {}), refused(/^sendMesage is not an API action of sqs/));
  await assert.rejects(call('sqs', {}), refused(/aws-sdk:sqs names no operation: .*SERVICE:ACTION is accepted/));
  await assert.rejects(call('s3:putBucketCors', {}), refused(/not available here/));
  await assert.rejects(call('lambda:invokeWithResponseStream', {}), refused(/stream/));
  await assert.rejects(call('sqs:sendMessage', '[1]'), refused(/JSON object/));
  await assert.rejects(call('sqs:sendMessage', 'x'), refused(/JSON object/));
});

test('rules do not take them', async () => {
  const events = new EventBridgeClient(awsClient(mayfly));
  await events.send(new PutRuleCommand({ Name: 'all', EventPattern: '{"source":["shop"]}' }));
  const Targets = [{ Id: 'one', Arn: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage', RoleArn: roleArn }];
  await assert.rejects(events.send(new PutTargetsCommand({ Rule: 'all', Targets })), refused(/not available here/));
  events.destroy();
});
