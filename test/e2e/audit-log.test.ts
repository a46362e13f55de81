/** The audit log on the whole platform: what is in it, that CloudTrail's clients read it, and that it shows who changed it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { CloudTrailClient, LookupEventsCommand, type LookupAttributeKey } from '@aws-sdk/client-cloudtrail';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const run = promisify(execFile);
const account = '000000000000';

type Entry = {
  sequence: number;
  operation: string;
  result: string;
  actor: { kind: string; name: string; accessKeyId: string };
  parameters: Record<string, unknown>;
  error?: { code: string };
};
type Report = { entries: number; head: { sequence: number; hash: string }; faults: { problem: string }[] };

let mayfly: StartedMayfly;
let queueUrl: string;

before(async () => {
  mayfly = await startMayfly();
  const created = await sqs().send(new CreateQueueCommand({ QueueName: 'jobs' }));
  queueUrl = created.QueueUrl ?? '';
});
after(() => mayfly[Symbol.asyncDispose]());

const stranger = { accessKeyId: 'AKIASTRANGER00000000', secretAccessKey: 'none' };
function sqs(credentials?: typeof stranger): SQSClient {
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(mayfly.data, 'credentials');
  return new SQSClient({
    endpoint: mayfly.api,
    region: 'us-east-1',
    ...(credentials !== undefined && { credentials }),
  });
}
const log = async (...words: string[]): Promise<Entry[]> =>
  ((await mayfly.json('audit', 'log', ...words)) as { entries: Entry[] }).entries;

test('what was changed is there once it is answered, with who and what; messages and secrets are not', async () => {
  await sqs().send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'a body that nobody else shall read' }));
  const entries = await log();
  const created = entries.find(({ operation }) => operation === 'CreateQueue');
  assert.ok(created);
  assert.deepEqual(
    [created.result, created.actor.kind, created.parameters],
    ['ok', 'administrator', { QueueName: 'jobs' }],
  );
  assert.ok(entries.every(({ operation }) => operation !== 'SendMessage'));
  assert.ok(!JSON.stringify(entries).includes('nobody else shall read'));
});

test('what is refused is there, also of messages, and of who is not believed with what he claims', async () => {
  await assert.rejects(
    sqs(stranger).send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'x' })),
    (error: Error) => /InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId/.test(error.name),
  );
  const [refused] = await log('--denied', '--operation', 'Unknown');
  assert.ok(refused);
  assert.deepEqual([refused.actor.kind, refused.actor.accessKeyId], ['unknown', stranger.accessKeyId]);
  assert.ok(refused.error);
});

test('the SDK and the aws command read it as CloudTrail’s', async () => {
  const client = new CloudTrailClient({ endpoint: mayfly.api, region: 'us-east-1' });
  const lookUp = (AttributeKey: LookupAttributeKey, AttributeValue: string) =>
    client.send(new LookupEventsCommand({ LookupAttributes: [{ AttributeKey, AttributeValue }] }));
  for (const [key, value] of [
    ['EventName', 'CreateQueue'],
    ['EventSource', 'sqs.amazonaws.com'],
    ['ResourceName', 'jobs'],
    ['ResourceType', 'AWS::SQS::Queue'],
    ['Username', 'root'],
    ['ReadOnly', 'false'],
  ] as const) {
    const { Events = [] } = await lookUp(key, value);
    const found = Events.find(({ EventName }) => EventName === 'CreateQueue');
    assert.ok(found, `${key} ${value}`);
    const record = JSON.parse(found.CloudTrailEvent ?? '') as Record<string, unknown>;
    assert.equal(record['eventSource'], 'sqs.amazonaws.com');
    assert.deepEqual(record['requestParameters'], { QueueName: 'jobs' });
    assert.equal((record['userIdentity'] as { type: string }).type, 'Root');
  }
  assert.deepEqual((await lookUp('EventName', 'NobodyDoesThis')).Events, []);
  const { stdout } = await run('aws', ['cloudtrail', 'lookup-events', '--max-results', '1', '--output', 'json'], {
    env: mayfly.awsEnvironment,
  });
  assert.equal((JSON.parse(stdout) as { Events: unknown[] }).Events.length, 1);
  await assert.rejects(client.send(new LookupEventsCommand({ MaxResults: 51 })), {
    name: 'InvalidMaxResultsException',
  });
});

test('it survives kill -9 whole, and shows what somebody changed in the file behind its back', async () => {
  await sqs().send(new CreateQueueCommand({ QueueName: 'last' }));
  mayfly = await mayfly.killAndRestart();
  assert.ok((await log()).some(({ parameters }) => parameters['QueueName'] === 'last'));
  const before = (await mayfly.json('audit', 'log', '--verify')) as Report;
  assert.deepEqual(before.faults, []);
  await mayfly.killed();

  const database = new DatabaseSync(join(mayfly.data, 'mayfly.db'));
  const victim = `audit/${account}/000000000000001`;
  database.prepare(`UPDATE records SET value = replace(value, 'jobs', 'tidy') WHERE key = ?`).run(victim);
  database.close();
  mayfly = await mayfly.killAndRestart();
  const failed = await mayfly.json('audit', 'log', '--verify').then(
    () => assert.fail('it was taken for whole'),
    (error: { code: number; stdout: string }) => error,
  );
  assert.equal(failed.code, 1);
  const report = JSON.parse(failed.stdout) as Report;
  assert.match(report.faults[0]?.problem ?? '', /entry 1 was changed/);
  // Who has kept the end of it knows more than the file does.
  const { sequence, hash } = before.head;
  const kept = await mayfly
    .json('audit', 'log', '--verify', '--expected', `${sequence}:${hash}`)
    .catch((error: { stdout: string }) => JSON.parse(error.stdout) as Report);
  assert.ok((kept as Report).faults.every(({ problem }) => !problem.includes(`entry ${sequence} is not`)));
});
