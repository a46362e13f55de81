/** Provisioned concurrency: environments that are there whatever is asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox, type FakeBehaviour } from '../../test/fakes/fake-sandbox.ts';
import { resolvedFunction } from '../../test/fakes/resolved.ts';
import { leased, openRunners } from '../../test/fakes/runners.ts';
import { Telemetry, type TelemetryEvent } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { RunnersOptions } from './open-runners.ts';
import type { Initialization } from './runners.ts';

const hello = resolvedFunction('hello');
const other = resolvedFunction('other');

type Counted = Extract<TelemetryEvent, { kind: 'environments.provisioned' }>;

function open(behaviour: FakeBehaviour = {}, options: Partial<RunnersOptions> = {}) {
  const clock = new FakeClock();
  const sandbox = fakeSandbox(behaviour);
  const initialized: Initialization[] = [];
  const counted: Counted[] = [];
  const telemetry = new Telemetry();
  telemetry.attach({
    take: (event) => void (event.kind === 'environments.provisioned' && counted.push(event)),
    flush: () => Promise.resolve(),
  });
  const runners = openRunners({
    sandbox,
    clock,
    telemetry,
    variablesFor: (_resolved, _environment, initialization) => {
      initialized.push(initialization);
      return {};
    },
    warn: assert.fail,
    ...options,
  });
  return { runners, clock, sandbox, initialized, counted };
}

test('so many are initialised before anybody asks, and stay however long nobody does', async () => {
  const { runners, clock, sandbox, initialized } = open();
  runners.provide([{ resolved: hello, count: 6 }]);
  assert.deepEqual(runners.provided(hello), { wanted: 6, ready: 0 });
  await clock.advance(1);
  assert.deepEqual(runners.provided(hello), { wanted: 6, ready: 6 });
  assert.deepEqual(new Set(initialized), new Set(['provisioned-concurrency']));
  await clock.advance(3 * 3_600_000);
  assert.equal(sandbox.live.size, 6);
  assert.equal(sandbox.started.length, 6);
});

test('they are used first, and nobody waits for them; what is beyond them is started on demand, and goes when it is idle', async () => {
  const { runners, clock, initialized } = open();
  runners.provide([{ resolved: hello, count: 1 }]);
  await clock.advance(1);
  const first = leased(await runners.lease(hello));
  assert.deepEqual([first.start, first.provided], ['provisioned', true]);
  const second = leased(await runners.lease(hello));
  assert.deepEqual([second.start, second.provided], ['cold', false]);
  assert.deepEqual(initialized, ['provisioned-concurrency', 'on-demand']);
  assert.deepEqual(runners.provided(hello), { wanted: 1, ready: 1 }, 'one that is busy is there');
  second.release(5);
  first.release(5);
  assert.equal(runners.tryLease(hello)?.provided, true);
  await clock.advance(120_000);
  assert.deepEqual(runners.counts(), { busy: 1, idle: 0, starting: 0, prebooted: 0 });
});

test('one that ends is replaced, and one that ends as soon as it is up not without a pause', async () => {
  const { runners, clock, sandbox } = open();
  runners.provide([{ resolved: hello, count: 2 }]);
  await clock.advance(1);
  const lease = leased(await runners.lease(hello));
  lease.discard('crash');
  await clock.advance(1);
  assert.equal(sandbox.started.length, 3);
  assert.deepEqual(runners.provided(hello), { wanted: 2, ready: 2 });
  for (const environment of sandbox.live) void environment.stop();
  await clock.advance(500);
  assert.equal(sandbox.started.length, 3);
  await clock.advance(1_000);
  assert.equal(sandbox.started.length, 5);
});

test('fewer are wanted: those that are free go at once, and one that is busy when it is free', async () => {
  const { runners, clock, sandbox } = open();
  runners.provide([{ resolved: hello, count: 3 }]);
  await clock.advance(1);
  const lease = leased(await runners.lease(hello));
  runners.provide([]);
  assert.equal(sandbox.live.size, 1);
  lease.release(5);
  assert.equal(runners.tryLease(hello)?.provided, false, 'it is like any other now');
});

test('they are not ended to make room for another version', async () => {
  const { runners, clock } = open({}, { environmentsMax: 2 });
  runners.provide([{ resolved: hello, count: 2 }]);
  await clock.advance(1);
  const waiting = runners.lease(other);
  await clock.advance(31_000);
  assert.equal((await waiting).status, 'full');
  assert.equal(runners.provided(hello).ready, 2);
});

test('what cannot be initialised is said, and tried again less and less often', async () => {
  let isBroken = true;
  let tries = 0;
  const { runners, clock } = open({
    init: () => {
      tries += 1;
      return Promise.resolve(
        isBroken ? { status: 'error', error: { errorType: 'Error', errorMessage: 'no' } } : { status: 'ready' },
      );
    },
  });
  runners.provide([{ resolved: hello, count: 1 }]);
  await clock.advance(60_000);
  assert.deepEqual(runners.provided(hello), { wanted: 1, ready: 0, failure: 'FUNCTION_ERROR_INIT_FAILURE' });
  assert.ok(tries > 3 && tries < 10, `${tries} tries in a minute`);
  isBroken = false;
  await clock.advance(60_000);
  assert.deepEqual(runners.provided(hello), { wanted: 1, ready: 1 });
});

test('whoever waits takes one that has just come up', async () => {
  let boot = (): void => {};
  const { runners, clock } = open({ start: () => new Promise((resolve) => (boot = resolve)) });
  runners.provide([{ resolved: hello, count: 1 }]);
  const provided = boot;
  const waiting = runners.lease(hello);
  provided();
  await clock.advance(1);
  assert.equal(leased(await waiting).provided, true);
});

test('a version that is gone keeps none', async () => {
  const { runners, clock, sandbox } = open();
  runners.provide([{ resolved: hello, count: 2 }]);
  await clock.advance(1);
  runners.provide([]);
  runners.retire(() => false);
  await clock.advance(1);
  assert.equal(sandbox.live.size, 0);
});

test('what is retired for a newer release of its runtime comes back', async () => {
  const { runners, clock, sandbox } = open();
  runners.provide([{ resolved: hello, count: 2 }]);
  await clock.advance(1);
  runners.retire(() => false);
  await clock.advance(1);
  assert.equal(sandbox.started.length, 4);
  assert.equal(sandbox.live.size, 2);
});

test('what is kept ready is counted in each slot of five minutes in which it is, busy or not', async () => {
  const { runners, clock, counted } = open();
  const slots = (): string[] =>
    counted.map(
      ({ timeMs, slotMs, count }) => `${new Date(timeMs - (timeMs % slotMs)).toISOString().slice(11, 16)} ${count}`,
    );
  await clock.advance(60_000);
  runners.provide([{ resolved: hello, count: 2 }]);
  await clock.advance(1);
  leased(await runners.lease(hello));
  assert.equal(slots().at(-1), '00:00 2');
  await clock.advance(10 * 60_000);
  assert.deepEqual(slots().slice(-2), ['00:05 2', '00:10 2']);
  runners.provide([]);
  await clock.advance(3_600_000);
  assert.equal(slots().at(-1), '00:10 2');
  runners.provide([{ resolved: hello, count: 1 }]);
  await clock.advance(1);
  assert.equal(slots().at(-1), '01:10 1');
});
