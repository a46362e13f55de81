/** The platform killed (-9) while events and messages wait and run: every one has run in the end, and the bill says how often. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { UsageRow } from '../../src/metering/usage-row.ts';
import { callApi } from '../harness/api-client.ts';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const events = 60;
const messages = 60;
const atOnce = 4;
/** Of what there is to do, done before the platform is killed. */
const doneBefore = 5;
/** What the platform does while a small machine is busy with other tests. */
const waitMs = 60_000;

/** Long enough that the platform dies in the middle of some; says what it has done. */
const code = `const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
exports.event = async ({ n }) => {
  await pause();
  console.log('did event ' + n);
};
exports.message = async ({ Records }) => {
  await pause();
  for (const { body } of Records) console.log('did message ' + body);
};
exports.tick = async () => {};
`;

const manifest = `application: crash
functions:
  event: { runtime: nodejs, handler: crash.event, code: crash.cjs, memory: 256, concurrency: ${atOnce} }
  message:
    runtime: nodejs
    handler: crash.message
    code: crash.cjs
    memory: 256
    concurrency: ${atOnce}
    events: [{ queue: { name: jobs, batch: 1 } }]
  tick: { runtime: nodejs, handler: crash.tick, code: crash.cjs, memory: 256, events: [{ schedule: rate(1 hour) }] }
`;

let project: string;
let mayfly: StartedMayfly;

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'mayfly-crash-'));
  await writeFile(join(project, 'mayfly.yaml'), manifest);
  await writeFile(join(project, 'crash.cjs'), code);
  mayfly = await startMayfly();
  await mayfly.json('deploy', project);
});

after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(project, { recursive: true, force: true });
});

async function rowsOf(functionName: string): Promise<UsageRow[]> {
  const answer = await callApi(mayfly, { target: '/_mayfly/usage', service: 'mayfly' });
  const lines = (await answer.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as UsageRow).filter((row) => row.functionName === functionName);
}

/** Which numbers a function says that it has done. */
async function done(functionName: string): Promise<Set<number>> {
  const { lines } = (await mayfly.json('logs', functionName, '--limit', '10000')) as { lines: { text: string }[] };
  const numbers = lines.map(({ text }) => /\tdid \w+ (\d+)$/.exec(text)?.[1]);
  return new Set(numbers.filter((number) => number !== undefined).map(Number));
}

/** What the bill counts is what there are rows for. */
async function billed(functionName: string): Promise<number> {
  const bill = (await mayfly.json('bill')) as {
    reconciles: boolean;
    lines: { functionName?: string; requests: number }[];
  };
  assert.equal(bill.reconciles, true);
  return bill.lines.find((line) => line.functionName === functionName)?.requests ?? 0;
}

const several = (rows: UsageRow[], least: number): UsageRow[] | undefined => (rows.length >= least ? rows : undefined);

test('events that were accepted run, each once for the bill', { timeout: 280_000 }, async () => {
  const accepted = await Promise.all(
    Array.from({ length: events }, async (_, n) => {
      const target = '/_mayfly/functions/event/invocations?type=event';
      const answer = await callApi(mayfly, { method: 'POST', target, service: 'mayfly', body: JSON.stringify({ n }) });
      assert.equal(answer.status, 202);
      return ((await answer.json()) as { requestId: string }).requestId;
    }),
  );
  const before = await eventually('some have run', waitMs, async () => several(await rowsOf('event'), doneBefore));
  mayfly = await mayfly.killAndRestart();
  const rows = await eventually('all have run', waitMs, async () => several(await rowsOf('event'), events));
  assert.ok(before.length < events, 'it was killed while some were left');
  assert.deepEqual(rows.map(({ requestId }) => requestId).sort(), accepted.sort());
  assert.ok(rows.every(({ attempt, status }) => attempt === 1 && status === 'ok'));
  assert.equal((await done('event')).size, events);
  assert.equal(await billed('event'), events);
});

test('messages that were accepted run, none is left, and each run is billed', { timeout: 280_000 }, async () => {
  const client = (): SQSClient => new SQSClient(awsClient(mayfly));
  const queue = async (): Promise<string> =>
    (await client().send(new GetQueueUrlCommand({ QueueName: 'jobs' }))).QueueUrl ?? '';
  for (let at = 0; at < messages; at += 10) {
    const Entries = Array.from({ length: 10 }, (_, n) => ({ Id: `m${at + n}`, MessageBody: String(at + n) }));
    const sent = await client().send(new SendMessageBatchCommand({ QueueUrl: await queue(), Entries }));
    assert.equal(sent.Successful?.length, 10);
  }
  const before = await eventually('some have run', waitMs, async () => several(await rowsOf('message'), doneBefore));
  mayfly = await mayfly.killAndRestart();
  await eventually('the queue is empty', waitMs, async () => {
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const asked = new GetQueueAttributesCommand({ QueueUrl: await queue(), AttributeNames: [...AttributeNames] });
    const { Attributes } = await client().send(asked);
    return AttributeNames.every((name) => Attributes?.[name] === '0') ? true : undefined;
  });
  assert.ok(before.length < messages, 'it was killed while some were left');
  assert.equal((await done('message')).size, messages);
  const rows = await rowsOf('message');
  // A message whose run was over, but not yet taken off the queue, runs again: a run of its own, with an id of its own.
  assert.ok(rows.length >= messages && rows.length <= messages + atOnce, `${rows.length} rows`);
  assert.equal(new Set(rows.map(({ requestId }) => requestId)).size, rows.length);
  assert.ok(rows.every(({ status }) => status === 'ok'));
  assert.equal(await billed('message'), rows.length);
});

test('a schedule that fell due while the platform was dead fires once', { timeout: 280_000 }, async () => {
  const earlier = (await rowsOf('tick')).length;
  await mayfly.killed();
  // As if it had been dead for ten hours and a half: what was fired last is so long ago.
  const database = new DatabaseSync(join(mayfly.data, 'mayfly.db'));
  const sinceMs = Date.now() - 10.5 * 3_600_000;
  const moved = database
    .prepare(
      "UPDATE records SET value = json_set(value, '$.firedMs', ?1, '$.anchorMs', ?1) WHERE key LIKE 'schedule/%'",
    )
    .run(sinceMs);
  database.close();
  assert.equal(moved.changes, 1);
  mayfly = await startMayfly({ data: mayfly.data });
  await eventually('it fires', waitMs, async () => several(await rowsOf('tick'), earlier + 1));
  // Half an hour is left until the next: had each of the ten been caught up on, they would be here by now.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.equal((await rowsOf('tick')).length, earlier + 1);
});
