/** Event buses of two accounts through the official SDK: what one may put on the bus of the other, and what its rules send there. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { eventually } from './harness/eventually.ts';
import { makeAnyRole } from './harness/any-role.ts';
import { startMayfly, type StartedMayfly } from './harness/start-mayfly.ts';

const [owner, other] = ['222222222222', '111111111111'];
const region = 'us-east-1';
const waitMs = 60_000;
const busArn = `arn:aws:events:${region}:${owner}:event-bus/orders`;

let mayfly: StartedMayfly;
let folder: string;
const clients: { destroy(): void }[] = [];

/** In `dev`, a key of twelve digits is that account's. */
const options = (account: string) => ({
  endpoint: mayfly.api,
  region,
  credentials: { accessKeyId: account, secretAccessKey: 'any' },
  maxAttempts: 1,
});

function known<Client extends { destroy(): void }>(client: Client): Client {
  clients.push(client);
  return client;
}

let ours: EventBridgeClient;
let theirs: EventBridgeClient;
let ourQueues: SQSClient;
let theirQueues: SQSClient;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-accounts-'));
  await writeFile(join(folder, 'mayfly.yaml'), 'functions: {}\n');
  mayfly = await startMayfly({ devProject: folder });
  await makeAnyRole(options(owner));
  ours = known(new EventBridgeClient(options(owner)));
  theirs = known(new EventBridgeClient(options(other)));
  ourQueues = known(new SQSClient(options(owner)));
  theirQueues = known(new SQSClient(options(other)));
  await ours.send(new CreateEventBusCommand({ Name: 'orders' }));
  await ourQueues.send(new CreateQueueCommand({ QueueName: 'heard' }));
  const pattern = JSON.stringify({ account: [{ exists: true }] });
  await ours.send(new PutRuleCommand({ Name: 'all', EventBusName: 'orders', EventPattern: pattern }));
  const Arn = `arn:aws:sqs:${region}:${owner}:heard`;
  const Targets = [{ Id: 'heard', Arn, RoleArn: `arn:aws:iam::${owner}:role/any` }];
  await ours.send(new PutTargetsCommand({ Rule: 'all', EventBusName: 'orders', Targets }));
});

after(async () => {
  for (const client of clients) client.destroy();
  await mayfly[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const next = (sqs: SQSClient, account: string, queue: string) =>
  eventually(`a message in ${queue}`, waitMs, async () => {
    const QueueUrl = `${mayfly.api}/${account}/${queue}`;
    const { Messages: [message] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2, MessageAttributeNames: ['All'] }),
    );
    if (message !== undefined)
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    return message;
  });

const put = (client: EventBridgeClient, n: number, EventBusName = busArn, Source = 'shop') =>
  client.send(
    new PutEventsCommand({ Entries: [{ Source, DetailType: 'Paid', Detail: JSON.stringify({ n }), EventBusName }] }),
  );

const allow = (more: object = {}) =>
  ours.send(
    new PutPermissionCommand({
      EventBusName: 'orders',
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Sid: 'in',
          Effect: 'Allow',
          Principal: { AWS: other },
          Action: 'events:PutEvents',
          Resource: busArn,
          ...more,
        },
      }),
    }),
  );
const forbid = () => ours.send(new RemovePermissionCommand({ EventBusName: 'orders', RemoveAllPermissions: true }));

const denied = { name: 'AccessDeniedException' };

test('another account puts events on a bus that lets it, and on no other', async () => {
  await assert.rejects(put(theirs, 1), denied);
  await assert.rejects(put(theirs, 1, `${busArn}-that-is-not-there`), denied);
  await ours.send(
    new PutPermissionCommand({
      EventBusName: 'orders',
      Action: 'events:PutEvents',
      Principal: other,
      StatementId: 'in',
    }),
  );
  const { Entries = [] } = await put(theirs, 2);
  const event = JSON.parse((await next(ourQueues, owner, 'heard')).Body ?? '') as object;
  assert.partialDeepStrictEqual(event, { id: Entries[0]?.EventId, account: other, source: 'shop', detail: { n: 2 } });
  await forbid();
  await assert.rejects(put(theirs, 3), denied);
  await allow({ Condition: { StringEquals: { 'events:source': 'shop' } } });
  await assert.rejects(put(theirs, 4, busArn, 'other'), denied);
  await put(theirs, 5);
  assert.match((await next(ourQueues, owner, 'heard')).Body ?? '', /"n":5/);
  await forbid();
});

test('a bus that denies its own account takes nothing from it, until its policy is taken away', async () => {
  await allow({ Effect: 'Deny', Principal: '*' });
  await assert.rejects(put(ours, 1), denied);
  await forbid();
  await put(ours, 6);
  assert.match((await next(ourQueues, owner, 'heard')).Body ?? '', /"n":6/);
});

test("a rule's events reach the bus of another account that lets them in; the rest is given up", async () => {
  await theirQueues.send(new CreateQueueCommand({ QueueName: 'dead' }));
  await theirs.send(new PutRuleCommand({ Name: 'send', EventPattern: '{"source":["shop"]}' }));
  await makeAnyRole(options(other), 'sender');
  const RoleArn = `arn:aws:iam::${other}:role/sender`;
  const DeadLetterConfig = { Arn: `arn:aws:sqs:${region}:${other}:dead` };
  const Targets = [{ Id: 'bus', Arn: busArn, RoleArn, DeadLetterConfig }];
  await theirs.send(new PutTargetsCommand({ Rule: 'send', Targets }));
  await put(theirs, 7, 'default');
  const letter = await next(theirQueues, other, 'dead');
  assert.equal(letter.MessageAttributes?.['ERROR_CODE']?.StringValue, 'NO_PERMISSIONS');
  assert.match(letter.Body ?? '', /"n":7/);
  await allow({ Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:events:${region}:${other}:rule/send` } } });
  const { Entries = [] } = await put(theirs, 8, 'default');
  const event = JSON.parse((await next(ourQueues, owner, 'heard')).Body ?? '') as object;
  assert.partialDeepStrictEqual(event, { id: Entries[0]?.EventId, account: other, detail: { n: 8 } });
  await forbid();
});

test('an event of another account is not sent on to a third one', async () => {
  const third = known(new EventBridgeClient(options('333333333333')));
  await third.send(new PutPermissionCommand({ Principal: owner, Action: 'events:PutEvents', StatementId: 'in' }));
  await allow();
  await ourQueues.send(new CreateQueueCommand({ QueueName: 'dead' }));
  await ours.send(new PutRuleCommand({ Name: 'on', EventBusName: 'orders', EventPattern: '{"source":["far"]}' }));
  const Arn = `arn:aws:events:${region}:333333333333:event-bus/default`;
  const DeadLetterConfig = { Arn: `arn:aws:sqs:${region}:${owner}:dead` };
  const RoleArn = `arn:aws:iam::${owner}:role/any`;
  const Targets = [{ Id: 'third', Arn, RoleArn, DeadLetterConfig }];
  await ours.send(new PutTargetsCommand({ Rule: 'on', EventBusName: 'orders', Targets }));
  await put(theirs, 9, busArn, 'far');
  const letter = await next(ourQueues, owner, 'dead');
  assert.match(letter.MessageAttributes?.['ERROR_MESSAGE']?.StringValue ?? '', /third/);
  await forbid();
});

test('what cannot be made of an event lies in the dead-letter queue of the bus', async () => {
  await ourQueues.send(new CreateQueueCommand({ QueueName: 'bus-dead' }));
  const DeadLetterConfig = { Arn: `arn:aws:sqs:${region}:${owner}:bus-dead` };
  const noQueue = { Arn: `arn:aws:sns:${region}:${owner}:bus-dead` };
  await assert.rejects(ours.send(new CreateEventBusCommand({ Name: 'watched', DeadLetterConfig: noQueue })), {
    name: 'ValidationException',
  });
  await ours.send(new CreateEventBusCommand({ Name: 'watched', DeadLetterConfig }));
  await ours.send(new PutRuleCommand({ Name: 'grow', EventBusName: 'watched', EventPattern: '{"source":["shop"]}' }));
  // 30 times 200 kB is more than a template may come to.
  const InputTransformer = {
    InputPathsMap: { all: '$.detail.text' },
    InputTemplate: `"${'<all>'.repeat(30)}"`,
  };
  const Arn = `arn:aws:sqs:${region}:${owner}:heard`;
  const Targets = [{ Id: 'grown', Arn, RoleArn: `arn:aws:iam::${owner}:role/any`, InputTransformer }];
  await ours.send(new PutTargetsCommand({ Rule: 'grow', EventBusName: 'watched', Targets }));
  const Detail = JSON.stringify({ text: 'x'.repeat(200_000) });
  await ours.send(
    new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'Paid', Detail, EventBusName: 'watched' }] }),
  );
  const letter = await next(ourQueues, owner, 'bus-dead');
  assert.equal(letter.MessageAttributes?.['TARGET_ARN']?.StringValue, Arn);
  assert.match(letter.MessageAttributes?.['ERROR_CODE']?.StringValue ?? '', /./);
  assert.equal((JSON.parse(letter.Body ?? '') as { source: string }).source, 'shop');
});

test('a connection of another account is lent to nobody', async () => {
  const { ConnectionArn } = await ours.send(
    new CreateConnectionCommand({
      Name: 'lent',
      AuthorizationType: 'API_KEY',
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'x-key', ApiKeyValue: 'secret' } },
    }),
  );
  const destination = {
    Name: 'mine',
    ConnectionArn,
    HttpMethod: 'POST' as const,
    InvocationEndpoint: 'https://example.com',
  };
  await assert.rejects(theirs.send(new CreateApiDestinationCommand(destination)), denied);
  await ours.send(new CreateApiDestinationCommand(destination));
});
