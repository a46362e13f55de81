import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox } from '../../test/fakes/fake-sandbox.ts';
import { resolvedFunction } from '../../test/fakes/resolved.ts';
import { leased, openRunners } from '../../test/fakes/runners.ts';
import type { InitOutcome } from '../sandbox/sandbox.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { QuickInits } from './quick-inits.ts';

const hello = resolvedFunction('hello');
const ms = 1_000;

test('a version is remembered by how it was initialised last', () => {
  const quick = new QuickInits();
  assert.equal(quick.has(hello), false);
  quick.learned(hello, { isOnlyOnChannel: true }, 5 * ms);
  assert.equal(quick.has(hello), true);
  assert.equal(quick.has(resolvedFunction('other')), false);
  quick.learned(hello, { isOnlyOnChannel: true }, 500 * ms);
  assert.equal(quick.has(hello), false, 'it took long');
  quick.learned(hello, { isOnlyOnChannel: true }, 5 * ms);
  quick.learned(hello, { isOnlyOnChannel: false }, 5 * ms);
  assert.equal(quick.has(hello), false, 'it printed past its channel');
  quick.learned(hello, { isOnlyOnChannel: true }, 5 * ms);
  quick.learned(hello, {}, 5 * ms);
  assert.equal(quick.has(hello), false, 'nothing is known of how it printed');
  quick.learned(hello, { isOnlyOnChannel: true }, 5 * ms);
  quick.failed(hello);
  assert.equal(quick.has(hello), false, 'it failed');
});

test('the versions that it remembers are bounded, and those initialised last stay', () => {
  const quick = new QuickInits();
  const versions = Array.from({ length: 4_097 }, (_, n) => resolvedFunction(`f${n}`));
  for (const version of versions) quick.learned(version, { isOnlyOnChannel: true }, ms);
  assert.deepEqual(
    [0, 1, 4_096].map((n) => quick.has(versions[n] ?? assert.fail())),
    [false, true, true],
  );
});

/** Each initialisation but the first lasts until the test says how it came out. */
function open(isOnlyOnChannel = true) {
  const clock = new FakeClock();
  const inits: ((outcome: InitOutcome) => void)[] = [];
  let count = 0;
  const sandbox = fakeSandbox({
    isOnlyOnChannel,
    init: () => (count++ === 0 ? Promise.resolve({ status: 'ready' }) : new Promise((resolve) => inits.push(resolve))),
  });
  const runners = openRunners({ sandbox, clock });
  return { runners, clock, sandbox, inits };
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('who waits for one of a version that is known to be quick has it while it is initialised', async () => {
  const { runners, clock, sandbox, inits } = open();
  const first = leased(await runners.lease(hello));
  const second = leased(await runners.lease(hello));
  assert.notEqual(second.environment, first.environment);
  assert.deepEqual([inits.length, second.start], [1, 'cold'], 'it is being initialised');
  assert.deepEqual(runners.counts(hello.version.arn), { busy: 2, idle: 0, starting: 0, prebooted: 0 });
  await clock.advance(3);
  inits[0]?.({ status: 'ready' });
  await soon();
  assert.equal(second.initUs, 3 * ms);
  second.release(1);
  assert.equal(runners.tryLease(hello)?.environment, second.environment);
  assert.equal(sandbox.started.length, 2);
});

test('one that was handed over and did not begin goes with the next initialisation, and no third is started for it', async () => {
  const { runners, sandbox, inits } = open();
  await runners.lease(hello);
  const early = leased(await runners.lease(hello));
  await early.environment.stop();
  early.giveBack();
  const again = runners.lease(hello);
  inits[0]?.({ status: 'error', error: { errorType: 'E', errorMessage: 'once' } });
  await soon();
  assert.equal(inits.length, 2);
  inits[1]?.({ status: 'ready' });
  const lease = leased(await again);
  assert.notEqual(lease.environment, early.environment);
  assert.deepEqual(lease.retried?.first.failure, { status: 'error', error: { errorType: 'E', errorMessage: 'once' } });
  assert.equal(sandbox.started.length, 3);
  assert.deepEqual(runners.counts(hello.version.arn), { busy: 2, idle: 0, starting: 0, prebooted: 0 });
});

test('after an initialisation that failed nobody goes with the next', async () => {
  const { runners, inits } = open();
  await runners.lease(hello);
  const early = leased(await runners.lease(hello));
  await early.environment.stop();
  early.giveBack();
  for (const n of [0, 1]) {
    inits[n]?.({ status: 'error', error: { errorType: 'E', errorMessage: 'both times' } });
    await soon();
  }
  let has = false;
  const again = runners.lease(hello).finally(() => (has = true));
  await soon();
  assert.deepEqual([inits.length, has], [3, false]);
  inits[2]?.({ status: 'ready' });
  leased(await again);
});

test('whoever waits for one of a version of which that is not so, waits until it is initialised', async () => {
  const { runners, inits } = open(false);
  await runners.lease(hello);
  let has = false;
  const second = runners.lease(hello).finally(() => (has = true));
  await soon();
  assert.deepEqual([inits.length, has], [1, false]);
  inits[0]?.({ status: 'ready' });
  leased(await second);
});
