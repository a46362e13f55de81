import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { scan, type Records } from '../store/records.ts';
import type { EndReason } from '../telemetry/start-reason.ts';
import type { EnvironmentStarted, InvocationSettled } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { functionArn, type AccountId, type EnvironmentId, type RequestId, type VersionId } from '../util/ids.ts';
import { EnvironmentHistory } from './environment-history.ts';

const account = '000000000000' as AccountId;
const arn = functionArn('us-east-1', account, 'hello');
const version = (number: string) => ({ account, name: 'hello', version: number as VersionId, settingsHash: 'hash' });

async function open(records?: Records, clock = new FakeClock()) {
  const kept = records ?? openMemoryStore({ clock }).records;
  const history = await EnvironmentHistory.open({
    records: kept,
    clock,
    accounts: () => [account],
    packageBytes: () => 5_000,
  });
  const started = (id: string, over: Partial<EnvironmentStarted> = {}): void =>
    history.take({
      kind: 'environment.started',
      timeMs: clock.now(),
      environmentId: id as EnvironmentId,
      account,
      functionName: 'hello',
      functionArn: arn,
      version: '1' as VersionId,
      settingsHash: 'hash',
      runtime: 'python',
      memoryMb: 128,
      start: 'cold',
      reason: { kind: 'first' },
      placeUs: 10,
      provisionUs: 20_000,
      ...over,
    });
  const settled = (id: string, over: Partial<InvocationSettled> = {}): void =>
    history.take({
      kind: 'invocation.settled',
      timeMs: clock.now(),
      account,
      functionName: 'hello',
      functionArn: arn,
      version: '1' as VersionId,
      requestId: 'request' as RequestId,
      attempt: 1,
      source: 'http',
      status: 'ok',
      start: 'cold',
      environmentId: id as EnvironmentId,
      phases: { queueUs: 1, placeUs: 10, provisionUs: 20_000, initUs: 5_000, handlerUs: 1_000, replyUs: 5 },
      billedMs: 1,
      memoryMb: 128,
      memoryBytesMax: 40_000_000,
      requestBytes: 2,
      responseBytes: 2,
      traceId: '',
      ...over,
    });
  const ended = (id: string, reason: EndReason, detail?: string): void =>
    history.take({
      kind: 'environment.ended',
      timeMs: clock.now(),
      environmentId: id as EnvironmentId,
      functionName: 'hello',
      reason,
      ...(detail !== undefined && { detail }),
    });
  return { clock, records: kept, history, started, settled, ended };
}

test('what is known of a version: nothing, other versions alone, or how its last environment ended', async () => {
  const { clock, history, started, ended } = await open();
  assert.deepEqual(history.past(version('1')), { status: 'none' });
  started('a');
  started('b');
  assert.deepEqual(history.past(version('2')), { status: 'other_version' });
  ended('a', 'idle');
  await clock.advance(10);
  ended('b', 'timeout', 'why');
  assert.deepEqual(history.past(version('1')), {
    status: 'ended',
    reason: 'timeout',
    endedMs: clock.now(),
    detail: 'why',
  });
  await history[Symbol.asyncDispose]();
});

test('it is known after a restart, and what was there when the platform was killed is lost', async () => {
  const { clock, records, started, ended } = await open();
  started('a');
  ended('a', 'idle');
  started('b', { version: '2' as VersionId });
  await clock.advance(1_000);
  const { history } = await open(records, clock);
  assert.equal(history.past(version('1')).status, 'ended');
  assert.deepEqual(history.past(version('2')), { status: 'lost' });
  assert.deepEqual(history.past(version('3')), { status: 'other_version' });
  await history[Symbol.asyncDispose]();
});

test("an environment's life can be looked up while it lasts, afterwards, and after a restart", async () => {
  const { clock, records, history, started, settled, ended } = await open();
  const startedMs = clock.now();
  started('a');
  history.take({
    kind: 'environment.initialised',
    timeMs: startedMs,
    environmentId: 'a' as EnvironmentId,
    initUs: 5_000,
  });
  settled('a');
  settled('a', { requestId: 'second' as RequestId, start: 'warm' });
  assert.equal((await history.find(account, startedMs, 'a'))?.invocations, 2);
  await clock.advance(500);
  ended('a', 'idle');
  await history[Symbol.asyncDispose]();
  const { history: after } = await open(records, clock);
  assert.deepEqual(await after.find(account, startedMs, 'a'), {
    id: 'a',
    functionName: 'hello',
    version: '1',
    runtime: 'python',
    memoryMb: 128,
    packageBytes: 5_000,
    start: 'cold',
    reason: { kind: 'first' },
    startedMs,
    placeUs: 10,
    provisionUs: 20_000,
    initUs: 5_000,
    first: { requestId: 'request', attempt: 1, timeMs: startedMs, coldUs: 25_011 },
    invocations: 2,
    handlerUs: 2_000,
    memoryBytesMax: 40_000_000,
    lastMs: startedMs,
    ended: { timeMs: startedMs + 500, reason: 'idle' },
  });
  assert.equal(await after.find('111111111111' as AccountId, startedMs, 'a'), undefined);
  await after[Symbol.asyncDispose]();
});

test('what is settled a moment after its environment has ended counts all the same, and tells what ended it', async () => {
  const { clock, history, started, settled, ended } = await open();
  started('a');
  ended('a', 'crash');
  settled('a', { status: 'timeout' });
  const life = await history.find(account, clock.now(), 'a');
  assert.deepEqual([life?.invocations, life?.ended?.reason], [1, 'timeout']);
  assert.deepEqual(history.past(version('1')), { status: 'ended', reason: 'timeout', endedMs: clock.now() });
  await history[Symbol.asyncDispose]();
});

test('who was told that it is not started, or whose initialisation failed, has not run in the environment that failed', async () => {
  const { clock, history, started, settled, ended } = await open();
  started('a');
  ended('a', 'init_failed');
  settled('a', { status: 'error', initFailed: true });
  const pause = { kind: 'paused', failures: 3, untilMs: 1 } as const;
  settled('a', { status: 'error', initFailed: true, start: 'warm', startReason: pause });
  const life = await history.find(account, clock.now(), 'a');
  assert.deepEqual([life?.invocations, life?.handlerUs, life?.ended?.reason], [0, 0, 'init_failed']);
  assert.equal(life?.first?.requestId, 'request');
  started('b');
  ended('b', 'init_failed');
  settled('b', { status: 'out_of_memory', initFailed: true });
  assert.equal((await history.find(account, clock.now(), 'b'))?.ended?.reason, 'out_of_memory');
  await history[Symbol.asyncDispose]();
});

test('the latest for which somebody waited come newest first, of one function or of all', async () => {
  const { clock, history, started } = await open();
  for (const id of ['a', 'b', 'c', 'd']) {
    started(id, id === 'b' ? { start: 'provisioned' } : id === 'c' ? { functionName: 'other' } : {});
    await clock.advance(1_000);
  }
  const latest = async (over: { functionName?: string; sinceMs?: number; limit?: number } = {}) =>
    (await history.latestWaitedFor(account, { sinceMs: 0, limit: 10, ...over })).map(({ id }) => id);
  assert.deepEqual(await latest(), ['d', 'c', 'a']);
  assert.deepEqual(await latest({ functionName: 'hello' }), ['d', 'a']);
  assert.deepEqual(await latest({ limit: 1 }), ['d']);
  assert.deepEqual(await latest({ sinceMs: clock.now() - 2_500 }), ['d', 'c']);
  await history[Symbol.asyncDispose]();
});

test('of more than twenty thousand starts a day the rest are not kept, and after two weeks none is', async () => {
  const { clock, records, history, started, ended } = await open();
  for (let count = 0; count < 20_010; count++) {
    started(`e${count}`);
    ended(`e${count}`, 'crash');
    if (count % 5_000 === 0) await clock.advance(1_000);
  }
  await clock.advance(2_000);
  const kept = async (): Promise<number> => (await Array.fromAsync(scan(records, 'environment/'))).length;
  assert.equal(await kept(), 20_000);
  await clock.advance(15 * 86_400_000);
  assert.equal(await kept(), 0);
  await history[Symbol.asyncDispose]();
});
