/**
 * Every operation of SQS through the genuine clients: boto3 of today (JSON) and of Debian (Query), the `aws` command, and
 * the SDK for JavaScript; and beside moto's server, where the two differ, SQS's page is right.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import {
  AddPermissionCommand,
  CancelMessageMoveTaskCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueueTagsCommand,
  ReceiveMessageCommand,
  RemovePermissionCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { judge } from '../src/identity/judge.ts';
import type { Principal } from '../src/identity/principal.ts';
import { signRequest } from '../src/identity/sign.ts';
import { createStandings } from '../src/identity/standing.ts';
import { eventually } from './harness/eventually.ts';
import { administrator, openSqsRig } from './harness/sqs-rig.ts';
import { startMoto } from './harness/start-moto.ts';

const run = promisify(execFile);
const script = (name: string): string => join(import.meta.dirname, 'harness', name);
const runMs = 240_000;

function has(python: string, module: string): boolean {
  try {
    execFileSync(python, ['-c', `import ${module}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Of each step what came of it. */
async function walk(python: string, environment: NodeJS.ProcessEnv): Promise<Map<string, string>> {
  const { stdout } = await run(python, [script('sqs_clients.py')], { env: environment, timeout: runMs });
  const lines = stdout.trim().split('\n');
  return new Map(lines.map((line) => JSON.parse(line) as [string, string]));
}

async function walkHere(python: string): Promise<Map<string, string>> {
  await using rig = await openSqsRig();
  const outcomes = await walk(python, rig.environment);
  assert.deepEqual(rig.errors, []);
  return outcomes;
}

/** Debian's boto3 knows no tasks that move messages. */
const newer =
  /^(?:move|moves|move what is .*|cancel .*|receive what was moved|receive poison from the dead letters again)$/;

/** What moto's server does otherwise than SQS's pages say; docs/reference/sqs.md has it in words. */
const motoDiffers: ReadonlySet<string> = new Set([
  'create, FIFO without its name',
  'create, FIFO by name alone',
  'create, an attribute that is none',
  'list a page',
  'list the next page',
  'set too much',
  'set none',
  'no tags',
  'send',
  'extend what was given back',
  'send nothing',
  'send what is no text',
  'send a deduplication id',
  'send a batch',
  'send FIFO again',
  'delete FIFO too late',
  'receive FIFO, in order again',
  'high throughput by half',
  'FIFO no more',
  'dead letters that are nowhere',
  'dead letters of a FIFO queue in another',
  'sources',
  'receive poison from the dead letters',
  'dead letters that are not allowed',
  'purge again',
  'create too soon',
]);

const debian = '/usr/bin/python3';
const today = has('python3', 'boto3') ? walkHere('python3') : undefined;

test(
  'boto3 is answered to every operation as SQS’s pages say',
  { skip: !today && 'boto3 is not installed' },
  async () => {
    const told = Object.fromEntries((await today) ?? []);
    assert.partialDeepStrictEqual(told, {
      'create again, differently': 'refused QueueAlreadyExists',
      tags: 'ok {"Tags": {"team": "blue"}}',
      'receive FIFO, the first group is busy': 'ok ["b1"]',
      'receive FIFO, in order again': 'ok ["a1", "a2"]',
      'send FIFO again': 'ok true',
      'delete FIFO too late': 'refused InvalidParameterValue',
      sources: 'ok {"queueUrls": ["URL/source"]}',
      'receive poison from the dead letters': 'ok [["poison"], true, "arn:aws:sqs:us-east-1:ACCOUNT:source", "2"]',
      'dead letters that are not allowed': 'refused InvalidParameterValue',
      'send a batch': 'ok [["a", "c"], [["b", "InvalidParameterValue", true]]]',
      'send too much': 'refused AWS.SimpleQueueService.BatchRequestTooLong',
      moves: 'ok [["COMPLETED", 1]]',
      'receive what was moved': 'ok [["poison"], "1"]',
      'purge again': 'refused AWS.SimpleQueueService.PurgeQueueInProgress',
      'create too soon': 'refused AWS.SimpleQueueService.QueueDeletedRecently',
    });
  },
);

test(
  'the older protocol answers the same, to the letter of its errors',
  { skip: (!today || !has(debian, 'boto3')) && 'not both boto3 are installed' },
  async () => {
    const older = await walkHere(debian);
    for (const [step, outcome] of (await today) ?? [])
      if (older.has(step) || !newer.test(step)) assert.equal(older.get(step), outcome, step);
  },
);

test(
  'moto’s server agrees, or SQS’s page says otherwise',
  { skip: (!today || !has('python3', 'moto.server')) && 'moto is not installed' },
  async () => {
    await using moto = await startMoto();
    assert(moto !== undefined, 'moto does not start');
    const theirs = await walk('python3', { ...process.env, ENDPOINT: moto.url });
    const differs: string[] = [];
    for (const [step, outcome] of (await today) ?? [])
      if (theirs.get(step) !== outcome && !newer.test(step)) differs.push(step);
    assert.deepEqual(differs, [...motoDiffers]);
  },
);

test(
  'the aws command does every operation',
  { skip: !has('python3', 'awscli') && 'the aws command is not installed' },
  async () => {
    await using rig = await openSqsRig();
    const { stdout } = await run('python3', [script('sqs_commands.py')], { env: rig.environment, timeout: runMs });
    assert.equal(stdout.trim(), 'ok');
    assert.deepEqual(rig.errors, []);
  },
);

test('the SDK for JavaScript tags, permits, and moves messages back', async () => {
  await using rig = await openSqsRig();
  const { sqs } = rig;
  const { QueueUrl: dead = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'dead', tags: { team: 'blue' } }));
  const arnOf = async (QueueUrl: string): Promise<string> => {
    const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
    return (await sqs.send(asked)).Attributes?.QueueArn ?? '';
  };
  const SourceArn = await arnOf(dead);
  await sqs.send(new TagQueueCommand({ QueueUrl: dead, Tags: { cost: '7' } }));
  await sqs.send(new UntagQueueCommand({ QueueUrl: dead, TagKeys: ['team'] }));
  assert.deepEqual((await sqs.send(new ListQueueTagsCommand({ QueueUrl: dead }))).Tags, { cost: '7' });
  const permission = { QueueUrl: dead, Label: 'l', AWSAccountIds: ['111111111111'], Actions: ['SendMessage'] };
  await sqs.send(new AddPermissionCommand(permission));
  await assert.rejects(sqs.send(new AddPermissionCommand(permission)), { name: 'InvalidParameterValue' });
  await sqs.send(new RemovePermissionCommand({ QueueUrl: dead, Label: 'l' }));

  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 1 });
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'jobs', Attributes: { RedrivePolicy, VisibilityTimeout: '0' } }),
  );
  const { queueUrls } = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }));
  assert.deepEqual(queueUrls, [QueueUrl]);
  const Entries = Array.from({ length: 10 }, (_, at) => ({ Id: `m${at}`, MessageBody: `${at}` }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  for (let receive = 0; receive < 2; receive++)
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));

  const slow = { SourceArn, MaxNumberOfMessagesPerSecond: 1 };
  const { TaskHandle } = await sqs.send(new StartMessageMoveTaskCommand(slow));
  await assert.rejects(sqs.send(new StartMessageMoveTaskCommand(slow)), /Only one active task is allowed/);
  await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
  const listed = async () =>
    (await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 10 }))).Results ?? [];
  await eventually('cancelled', 60_000, async () => ((await listed())[0]?.Status === 'CANCELLED' ? true : undefined));
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
  await eventually('moved', 60_000, async () => ((await listed())[0]?.Status === 'COMPLETED' ? true : undefined));
  const tasks = await listed();
  assert.deepEqual(
    tasks.map(({ Status }) => Status),
    ['COMPLETED', 'CANCELLED'],
  );
  assert.equal(
    tasks.reduce((sum, task) => sum + (task.ApproximateNumberOfMessagesMoved ?? 0), 0),
    10,
  );
  assert.deepEqual(rig.errors, []);
});

test('a queue’s policy keeps out whom it denies, the administrator too, who can still change it', async () => {
  await using rig = await openSqsRig();
  const { sqs } = rig;
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  const set = (Policy: string) => sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const Resource = 'arn:aws:sqs:us-east-1:000000000000:jobs';
  const deny = { Effect: 'Deny', Principal: '*', Action: 'sqs:SendMessage', Resource };
  await set(JSON.stringify({ Version: '2012-10-17', Statement: [deny] }));
  const send = () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }));
  await assert.rejects(send(), /explicit deny in a resource-based policy/);
  await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  // What most policies that deny say: not over the network without TLS. This machine's own addresses are none.
  const plain = { ...deny, Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
  await set(JSON.stringify({ Version: '2012-10-17', Statement: [plain] }));
  await send();
  await set('');
  await send();

  const allow = {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::000000000000:role/work' },
    Action: 'sqs:Send*',
    Resource,
  };
  await set(JSON.stringify({ Version: '2012-10-17', Statement: [allow] }));
  const asFunction = (functionName: string, action: string): boolean => {
    const principal = { kind: 'function', account: '000000000000', arn: 'arn:of-it', functionName } as Principal;
    const standing = createStandings({ grantsOf: () => undefined })(principal);
    const access = { action, resource: Resource };
    return judge(standing, access, {}, rig.wired.side(principal, access, {})).decision === 'allowed';
  };
  assert.deepEqual(
    [
      asFunction('work', 'sqs:SendMessage'),
      asFunction('work', 'sqs:DeleteQueue'),
      asFunction('other', 'sqs:SendMessage'),
    ],
    [true, false, false],
  );
});

test('a form sent to a queue’s own address is about that queue, and errors are XML', async () => {
  await using rig = await openSqsRig({ mode: 'dev' });
  const { QueueUrl = '' } = await rig.sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  const ask = async (url: string, form: Record<string, string>): Promise<[number, string]> => {
    const { pathname } = new URL(url);
    const body = new URLSearchParams({ Version: '2012-11-05', ...form }).toString();
    const headers = { host: new URL(url).host, 'content-type': 'application/x-www-form-urlencoded' };
    const signed = signRequest({ method: 'POST', path: pathname, query: '', headers, body }, administrator, {
      region: 'us-east-1',
      service: 'sqs',
      nowMs: Date.now(),
    });
    const answer = await fetch(url, { method: 'POST', headers: signed, body });
    return [answer.status, await answer.text()];
  };
  const [status, sent] = await ask(QueueUrl, { Action: 'SendMessage', MessageBody: 'by form' });
  assert.equal(status, 200);
  assert.match(
    sent,
    /<SendMessageResponse xmlns="http:\/\/queue.amazonaws.com\/doc\/2012-11-05\/"><SendMessageResult>.*<MD5OfMessageBody>/,
  );
  const { Messages } = await rig.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.equal(Messages?.[0]?.Body, 'by form');
  const [refused, why] = await ask(`${QueueUrl}x`, { Action: 'SendMessage', MessageBody: 'by form' });
  assert.equal(refused, 400);
  assert.match(
    why,
    /<ErrorResponse .*<Type>Sender<\/Type><Code>AWS.SimpleQueueService.NonExistentQueue<\/Code><Message>The specified queue does not exist.*<RequestId>/,
  );
});
