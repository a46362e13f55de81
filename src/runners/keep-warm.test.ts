import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox, type FakeBehaviour } from '../../test/fakes/fake-sandbox.ts';
import { resolvedFunction } from '../../test/fakes/resolved.ts';
import { openRunners } from '../../test/fakes/runners.ts';
import type { Resolved } from '../registry/registry.ts';
import { Telemetry, type TelemetryEvent } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { FunctionArn } from '../util/ids.ts';
import type { KeepHistories, WrittenHistory } from './keep-histories.ts';
import type { OpenRunners, RunnersOptions } from './open-runners.ts';
import type { Lease } from './runners.ts';
import { bootKind } from './version-key.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const mib = 1024 * 1024;

function open(behaviour: FakeBehaviour = {}, options: Partial<RunnersOptions> = {}, clock = new FakeClock()) {
  // So much that an hour of it is not worth a cold start, even where memory is plenty.
  const sandbox = fakeSandbox({ memoryBytes: () => 400 * mib, ...behaviour });
  const telemetry = new Telemetry();
  const events: TelemetryEvent[] = [];
  telemetry.attach({ take: (event) => events.push(event), flush: () => Promise.resolve() });
  const runners = openRunners({
    sandbox,
    telemetry,
    keep: { kind: 'predicted', season: true },
    ...options,
    clock,
  });
  const of = <Kind extends TelemetryEvent['kind']>(kind: Kind) =>
    events.filter((event): event is Extract<TelemetryEvent, { kind: Kind }> => event.kind === kind);
  return { runners, clock, sandbox, of };
}

async function leased(runners: OpenRunners, resolved: Resolved): Promise<Lease> {
  const outcome = await runners.lease(resolved);
  return outcome.status === 'leased' ? outcome.lease : assert.fail(outcome.status);
}

/** Called once, and free again. */
async function call(runners: OpenRunners, resolved: Resolved): Promise<Lease> {
  const lease = await leased(runners, resolved);
  lease.release(1);
  return lease;
}

const hello = resolvedFunction('hello');
const keeping = (resolved: Resolved, keepWarm: number | 'predicted'): Resolved => ({
  ...resolved,
  version: { ...resolved.version, settings: { ...resolved.version.settings, keepWarm } },
});

/** Calls it each hour. */
async function hourly({ runners, clock }: Pick<ReturnType<typeof open>, 'runners' | 'clock'>, calls: number) {
  for (let count = 0; count < calls; count += 1) {
    if (count > 0) await clock.advance(hourMs);
    await call(runners, hello);
  }
}

test('what is called each hour holds nothing in between, and is there before the next call', async () => {
  const opened = open();
  const { runners, clock, sandbox, of } = opened;
  await hourly(opened, 12);
  await clock.advance(50 * minuteMs);
  assert.equal(sandbox.live.size, 0);
  await clock.advance(10 * minuteMs);
  assert.equal(sandbox.live.size, 1);
  const lease = await call(runners, hello);
  assert.equal(lease.start, 'prewarmed');
  assert.equal(lease.origin.reason.kind, 'predicted');

  const started = of('environment.started').filter(({ reason }) => reason.kind === 'predicted');
  assert.ok(started.length > 0);
  const ahead = of('keep.planned').findLast(({ startedAhead }) => startedAhead);
  assert.equal(ahead?.reason, 'forecast');
  assert.equal(ahead?.inputs.calls, 11);
  assert.match(ahead?.text ?? '', /^a call is expected by 20\d\d-.*Z, from the rhythm of its calls$/);
  const lines = of('log').filter(({ text }) => text.startsWith('PREWARM  a call is expected'));
  assert.equal(lines.length, started.length);
  const ended = of('environment.ended').at(-1);
  assert.equal(ended?.reason, 'idle');
  assert.match(ended?.detail ?? '', /^keep none; start another after .* from the rhythm of its calls$/);
});

test('two versions that are called in turn each keep their environment, and each for its own time', async () => {
  const { runners, clock, sandbox, of } = open();
  const one = keeping(hello, 5 * minuteMs);
  const latest = { ...one, version: { ...one.version, version: '$LATEST' } } as Resolved;
  await call(runners, one);
  await clock.advance(2 * minuteMs);
  await call(runners, latest);
  for (const _ of [1, 2, 3]) {
    await clock.advance(2 * minuteMs);
    assert.equal((await call(runners, one)).start, 'warm');
    await clock.advance(2 * minuteMs);
    assert.equal((await call(runners, latest)).start, 'warm');
  }
  assert.equal(sandbox.started.length, 2);
  await clock.advance(4 * minuteMs);
  assert.equal(sandbox.live.size, 1, 'that of version 1 has been idle for six minutes, that of $LATEST for four');
  assert.equal((await call(runners, latest)).start, 'warm');
  assert.equal(of('environment.ended').length, 1);
});

test('with a fixed time nothing is started ahead, of the platform or of one function', async () => {
  const fixed = open({}, { keep: { kind: 'fixed', idleMs: minuteMs } });
  await hourly(fixed, 14);
  await fixed.clock.advance(59 * minuteMs);
  assert.equal(fixed.sandbox.started.length, 14);

  const { runners, clock, sandbox, of } = open();
  const own = keeping(hello, 2 * minuteMs);
  await call(runners, own);
  await clock.advance(2 * minuteMs - 500);
  assert.equal(sandbox.live.size, 1);
  await clock.advance(1_000);
  assert.equal(sandbox.live.size, 0);
  assert.equal(of('environment.ended')[0]?.detail, 'always keep 2 min');
  assert.deepEqual(of('keep.planned'), []);
});

test('a function may have predictions where the platform has none', async () => {
  const { runners, clock, sandbox } = open({}, { keep: { kind: 'fixed', idleMs: 0 } });
  const predicted = keeping(hello, 'predicted');
  for (let count = 0; count < 5; count += 1) {
    await call(runners, predicted);
    await clock.advance(30_000);
  }
  assert.equal(sandbox.started.length, 1);
});

test('what is expected at this time of the day is warmed for, as many as it was', async () => {
  const { runners, clock, sandbox } = open();
  await clock.advance(9 * hourMs);
  for (let day = 0; day < 4; day += 1) {
    const leases = await Promise.all([1, 2, 3].map(() => leased(runners, hello)));
    for (const lease of leases) lease.release(1);
    await clock.advance(24 * hourMs - 30 * minuteMs);
    assert.equal(sandbox.live.size, 0, `half an hour before, on day ${day}`);
    await clock.advance(30 * minuteMs);
  }
  assert.equal(sandbox.live.size, 3);
  const starts = await Promise.all([1, 2, 3].map(async () => (await leased(runners, hello)).start));
  assert.deepEqual(starts, ['prewarmed', 'prewarmed', 'prewarmed']);
});

test('when memory is the limit, what is used least for its size goes, and is not started again for that', async () => {
  const bytes = new Map([
    ['often', 60 * mib],
    ['large', 90 * mib],
    ['small', 10 * mib],
  ]);
  let booting = '';
  const { runners, clock, of } = open({ memoryBytes: () => bytes.get(booting) }, { warmBytesMax: 100 * mib });
  const warm = async (name: string, calls: number) => {
    for (let count = 0; count < calls; count += 1) await call(runners, resolvedFunction(name));
    booting = name;
    await clock.advance(2_000);
  };
  await warm('often', 100);
  await warm('small', 1);
  assert.deepEqual(of('environment.ended'), []);
  await warm('large', 1);
  const ended = of('environment.ended').map(({ functionName, reason }) => [functionName, reason]);
  assert.deepEqual(ended, [['large', 'memory']]);
  await clock.advance(10 * minuteMs);
  assert.equal(of('environment.started').length, 3);
});

test('a machine that is short of memory keeps less', async () => {
  let othersMb = 2_000;
  const machineMemory = () => {
    const usedMb = othersMb + 100 * sandbox.live.size;
    return { totalBytes: 10_000 * mib, availableBytes: (10_000 - usedMb) * mib };
  };
  const { runners, clock, sandbox } = open(
    { memoryBytes: () => 100 * mib },
    { warmBytesMax: 4_000 * mib, machineMemory },
  );
  for (const name of ['a', 'b', 'c']) await call(runners, resolvedFunction(name));
  await clock.advance(10_000);
  assert.equal(sandbox.live.size, 3);
  othersMb = 9_350;
  await clock.advance(10_000);
  assert.equal(sandbox.live.size, 1, 'a twentieth of the machine, 500 MB, is left to others');
});

test('after a burst of cold starts more spares are kept, and given back when memory is short', async () => {
  let othersMb = 2_000;
  const machineMemory = () => {
    const usedMb = othersMb + 50 * sandbox.live.size;
    return { totalBytes: 10_000 * mib, availableBytes: (10_000 - usedMb) * mib };
  };
  const { runners, clock, sandbox } = open(
    { memoryBytes: () => 50 * mib },
    { prebootedEach: 2, warmBytesMax: 4_000 * mib, machineMemory, keep: { kind: 'fixed', idleMs: minuteMs } },
  );
  runners.want([bootKind(hello.version.settings)]);
  await clock.advance(1_000);
  assert.equal(runners.counts().prebooted, 2);
  const burst = await Promise.all(Array.from({ length: 7 }, () => leased(runners, hello)));
  assert.equal(burst.filter(({ start }) => start === 'prebooted').length, 2);
  for (const lease of burst) lease.release(1);
  await clock.advance(10_000);
  assert.equal(runners.counts().prebooted, 7);
  const second = await Promise.all(
    Array.from({ length: 7 }, (_, at) => leased(runners, resolvedFunction(`other-${at}`))),
  );
  assert.ok(second.every(({ start }) => start === 'prebooted'));
  for (const lease of second) lease.release(1);
  await clock.advance(30_000);
  assert.equal(runners.counts().prebooted, 7);
  othersMb = 9_900;
  await clock.advance(6_000);
  assert.equal(runners.counts().prebooted, 0, 'nothing is kept where nothing is left');
  othersMb = 2_000;
  await clock.advance(5 * minuteMs);
  (await leased(runners, hello)).release(1);
  await clock.advance(10_000);
  assert.equal(runners.counts().prebooted, 2);
});

test('what is always there is not started ahead once more', async () => {
  const { runners, clock, sandbox } = open();
  runners.provide([{ resolved: hello, count: 2 }]);
  await clock.advance(9 * hourMs);
  for (let day = 0; day < 5; day += 1) {
    const leases = await Promise.all([1, 2, 3].map(() => leased(runners, hello)));
    for (const lease of leases) lease.release(1);
    await clock.advance(24 * hourMs - 1_000);
    assert.equal(sandbox.live.size, 3, `on day ${day}, before the three are called`);
    await clock.advance(1_000);
  }
});

function remembered(): KeepHistories & { kept: Map<FunctionArn, WrittenHistory> } {
  const kept = new Map<FunctionArn, WrittenHistory>();
  const changed = new Map<FunctionArn, () => WrittenHistory>();
  return {
    kept,
    async *load() {
      for (const [functionArn, history] of kept) yield { functionArn, history };
    },
    changed: (functionArn, write) => changed.set(functionArn, write),
    forget: (functionArn) => void kept.delete(functionArn),
    close() {
      for (const [arn, write] of changed) kept.set(arn, JSON.parse(JSON.stringify(write())) as WrittenHistory);
      return Promise.resolve();
    },
  };
}

test('what is expected after a restart is started in time, and not what no longer exists', async () => {
  const histories = remembered();
  const before = open({}, { histories });
  await hourly(before, 12);
  await before.clock.advance(minuteMs);
  await before.runners[Symbol.asyncDispose]();
  assert.equal(histories.kept.size, 1);

  const after = open({}, { histories, current: () => hello }, before.clock);
  await after.runners.recall();
  await after.clock.advance(30 * minuteMs);
  assert.equal(after.sandbox.started.length, 0);
  await after.clock.advance(29 * minuteMs);
  assert.equal(after.sandbox.live.size, 1);
  assert.equal((await leased(after.runners, hello)).start, 'prewarmed');
  await after.runners[Symbol.asyncDispose]();

  const gone = open({}, { histories, current: () => undefined }, before.clock);
  await gone.runners.recall();
  await gone.clock.advance(2 * hourMs);
  assert.equal(gone.sandbox.started.length, 0);
});

test('one that exits while it rests, or cannot be started ahead, is left alone for a while', async () => {
  const opened = open();
  const { runners, clock, sandbox } = opened;
  await call(runners, hello);
  await clock.advance(2_000);
  await [...sandbox.live][0]?.stop();
  await clock.advance(minuteMs);
  assert.equal(sandbox.started.length, 1);

  let [isBroken, broken] = [false, 0];
  const failing = open({
    init() {
      if (!isBroken) return Promise.resolve({ status: 'ready' });
      broken += 1;
      return Promise.resolve({ status: 'error', error: { errorType: 'Error', errorMessage: 'its database is away' } });
    },
  });
  await hourly(failing, 12);
  isBroken = true;
  await failing.clock.advance(hourMs);
  assert.equal(broken, 1);
  assert.equal(failing.sandbox.live.size, 0);
});
