import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { scan, type Records } from '../store/records.ts';
import { isWaitedFor, startKinds, type InvocationSettled } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { functionArn, type AccountId, type EnvironmentId, type RequestId, type VersionId } from '../util/ids.ts';
import { StartCounts } from './start-counts.ts';
import { addGroup, newGroup, viewGroup, type GroupView } from './start-group.ts';

const account = '000000000000' as AccountId;
const noonMs = Date.UTC(2026, 10, 21, 12);
const hourMs = 3_600_000;

function settled(clock: FakeClock, over: Partial<InvocationSettled> = {}): InvocationSettled {
  const functionName = over.functionName ?? 'hello';
  return {
    kind: 'invocation.settled',
    timeMs: clock.now(),
    account,
    functionName,
    functionArn: functionArn('us-east-1', account, functionName),
    version: '1' as VersionId,
    requestId: 'request' as RequestId,
    attempt: 1,
    source: 'http',
    status: 'ok',
    start: 'warm',
    environmentId: 'environment' as EnvironmentId,
    phases: { queueUs: 0, placeUs: 0, provisionUs: 0, initUs: 0, handlerUs: 1_000, replyUs: 50 },
    billedMs: 1,
    memoryMb: 128,
    memoryBytesMax: undefined,
    requestBytes: 2,
    responseBytes: 2,
    traceId: '',
    ...over,
  };
}

const cold: Partial<InvocationSettled> = {
  start: 'cold',
  startReason: { kind: 'idle', endedMs: 1 },
  phases: { queueUs: 1_000, placeUs: 100, provisionUs: 20_000, initUs: 9_000, handlerUs: 2_000, replyUs: 50 },
};

function open(records?: Records, clock = new FakeClock(noonMs), bootId = 'a') {
  const kept = records ?? openMemoryStore({ clock }).records;
  const counts = new StartCounts({
    records: kept,
    clock,
    bootId,
    accounts: () => [account],
    kindOf: (_account, name) => (name === 'hello' ? { runtime: 'python', packageBytes: 5_000 } : undefined),
  });
  return { clock, records: kept, counts };
}

async function read(counts: StartCounts, sinceMs = 0): Promise<Record<string, GroupView>> {
  const groups = new Map<string, ReturnType<typeof newGroup>>();
  await counts.each(account, sinceMs, ({ functionName }, written) => {
    const group = groups.get(functionName) ?? newGroup();
    groups.set(functionName, group);
    addGroup(group, written);
  });
  return Object.fromEntries([...groups].map(([name, group]) => [name, viewGroup(group)]));
}

const keys = async (records: Records, prefix: string): Promise<string[]> =>
  (await Array.fromAsync(scan(records, prefix))).map(({ key }) => key);

test('invocations are counted by how they started and why, and the time of those that waited', async () => {
  const { clock, counts } = open();
  for (let count = 0; count < 9; count++) counts.take(settled(clock));
  counts.take(settled(clock, cold));
  counts.take(settled(clock, { functionName: 'other', start: 'prewarmed' }));
  const { hello, other } = await read(counts);
  assert.deepEqual([hello?.invocations, hello?.coldStarts, hello?.share], [10, 1, 0.1]);
  assert.deepEqual([hello?.starts, hello?.reasons], [{ warm: 9, cold: 1 }, { idle: 1 }]);
  const coldUs = hello?.phases.cold.p50Us ?? 0;
  assert.ok(Math.abs(coldUs - 30_100) < 30_100 * 0.04, String(coldUs));
  assert.deepEqual([other?.coldStarts, other?.phases.cold.p99Us], [0, 0]);
  await counts[Symbol.asyncDispose]();
});

test('every kind of start that somebody waited for is a cold start', async () => {
  const { clock, counts } = open();
  for (const start of startKinds) counts.take(settled(clock, { ...cold, start }));
  const { hello } = await read(counts);
  assert.equal(hello?.invocations, startKinds.length);
  assert.equal(hello?.coldStarts, startKinds.filter(isWaitedFor).length);
});

test('what one process has counted is added to what the one before has', async () => {
  const { clock, records, counts } = open();
  counts.take(settled(clock, cold));
  await counts[Symbol.asyncDispose]();
  const { counts: after } = open(records, clock, 'b');
  after.take(settled(clock));
  const { hello } = await read(after);
  assert.deepEqual([hello?.invocations, hello?.coldStarts], [2, 1]);
  await after[Symbol.asyncDispose]();
});

test('a clock that is set back a little loses no count', async () => {
  const { clock, counts } = open();
  counts.take(settled(clock));
  counts.take(settled(clock, { timeMs: clock.now() - 1 }));
  counts.take(settled(clock));
  assert.equal((await read(counts))['hello']?.invocations, 3);
  const minutes = await counts.minutes(account, 0);
  assert.equal(
    minutes.reduce((sum, { counts: { warm = 0 } }) => sum + warm, 0),
    3,
  );
  await counts[Symbol.asyncDispose]();
});

test('a kill loses what was counted in the last five seconds at most', async () => {
  const { clock, records, counts } = open();
  counts.take(settled(clock));
  await clock.advance(5_000);
  counts.take(settled(clock));
  const { counts: after } = open(records, clock, 'b');
  assert.equal((await read(after))['hello']?.invocations, 1);
});

test('slots become hours, nothing is counted twice or lost, and what is older than 35 days goes', async () => {
  const { clock, records, counts } = open();
  for (let slot = 0; slot < 12; slot++) {
    counts.take(settled(clock, cold));
    counts.take(settled(clock, { functionName: 'other' }));
    await clock.advance(10 * 60_000);
  }
  assert.equal((await keys(records, `starts/${account}/10m/`)).length, 24);
  await clock.advance(hourMs);
  assert.deepEqual(await keys(records, `starts/${account}/1h/`), [
    `starts/${account}/1h/2026-11-21T12:00/hello`,
    `starts/${account}/1h/2026-11-21T12:00/other`,
  ]);
  assert.equal((await keys(records, `starts/${account}/10m/`)).length, 12);
  const all = await read(counts);
  assert.deepEqual([all['hello']?.coldStarts, all['other']?.invocations], [12, 12]);
  assert.equal((await read(counts, noonMs + hourMs))['hello']?.coldStarts, 6);
  assert.equal((await read(counts, noonMs + hourMs + 25 * 60_000))['hello']?.coldStarts, 4);
  await clock.advance(36 * 24 * hourMs);
  assert.deepEqual(await keys(records, 'start'), []);
  await counts[Symbol.asyncDispose]();
});

test('minutes are there by how their invocations started', async () => {
  const { clock, counts } = open();
  counts.take(settled(clock, cold));
  counts.take(settled(clock));
  await clock.advance(61 * 60_000);
  counts.take(settled(clock));
  assert.deepEqual(await counts.minutes(account, 0), [
    { timeMs: noonMs, counts: { cold: 1, warm: 1 } },
    { timeMs: noonMs + 61 * 60_000, counts: { warm: 1 } },
  ]);
  assert.equal((await counts.minutes(account, noonMs + 30 * 60_000)).length, 1);
  await counts[Symbol.asyncDispose]();
});
