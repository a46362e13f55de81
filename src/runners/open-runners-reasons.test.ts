/** Why environments are started and why they end, as the runners tell it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox, type FakeBehaviour } from '../../test/fakes/fake-sandbox.ts';
import { resolvedFunction } from '../../test/fakes/resolved.ts';
import { leased, openRunners } from '../../test/fakes/runners.ts';
import { Telemetry, type EnvironmentEnded, type EnvironmentStarted } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { RunnersOptions } from './open-runners.ts';

const hello = resolvedFunction('hello');

function open(behaviour: FakeBehaviour = {}, options: Partial<RunnersOptions> = {}) {
  const clock = new FakeClock();
  const telemetry = new Telemetry();
  const started: EnvironmentStarted[] = [];
  const ended: EnvironmentEnded[] = [];
  telemetry.attach({
    take(event) {
      if (event.kind === 'environment.started') started.push(event);
      if (event.kind === 'environment.ended') ended.push(event);
    },
    flush: () => Promise.resolve(),
  });
  const sandbox = fakeSandbox(behaviour);
  const runners = openRunners({
    sandbox,
    clock,
    telemetry,
    ...options,
  });
  const reasons = () => started.map(({ reason }) => reason.kind);
  return { runners, sandbox, clock, started, ended, reasons };
}

test('the first, and one more while it is busy', async () => {
  const { runners, started } = open();
  const first = leased(await runners.lease(hello));
  assert.deepEqual(first.origin.reason, { kind: 'first' });
  const second = leased(await runners.lease(hello));
  assert.deepEqual(second.origin.reason, { kind: 'scale_out', busy: 1, starting: 0 });
  const [event] = started;
  assert.deepEqual(
    [event?.functionName, event?.version, event?.start, event?.memoryMb],
    ['hello', '1', 'cold', hello.version.settings.memoryMb],
  );
});

test('what is known from before decides where there is none', async () => {
  const { runners } = open({}, { past: () => ({ status: 'ended', reason: 'idle', endedMs: 3, detail: 'kept 5 min' }) });
  const { origin } = leased(await runners.lease(hello));
  assert.deepEqual(origin.reason, { kind: 'idle', endedMs: 3, detail: 'kept 5 min' });
});

test('one that is still being ended is the last one, for why it is ended', async () => {
  const { runners, clock, ended } = open({}, { past: () => ({ status: 'none' }) });
  const first = leased(await runners.lease(hello));
  first.discard('timeout');
  const second = leased(await runners.lease(hello));
  assert.deepEqual(second.origin.reason, { kind: 'timeout', endedMs: clock.now() });
  assert.deepEqual(
    ended.map(({ reason }) => reason),
    ['timeout'],
  );
});

test('the reason goes to the invocation that waited, and to none after it', async () => {
  const { runners } = open();
  const cold = leased(await runners.lease(hello));
  cold.release(1);
  const warm = leased(await runners.lease(hello));
  assert.deepEqual([cold.start, warm.start], ['cold', 'warm']);
  assert.equal(warm.placeUs + warm.provisionUs + warm.initUs, 0);
});

test('provided ones are used first by somebody who did not wait, and then are warm', async () => {
  const { runners, clock } = open();
  runners.provide([{ resolved: hello, count: 1 }]);
  await clock.advance(1);
  const first = leased(await runners.lease(hello));
  assert.deepEqual([first.start, first.origin.reason], ['provisioned', { kind: 'provisioned' }]);
  first.release(1);
  assert.equal(leased(await runners.lease(hello)).start, 'warm');
});

test('each end has its reason: idle, a deployment, a process that exits, and the platform that stops', async () => {
  const { runners, clock, ended } = open();
  const idle = leased(await runners.lease(hello));
  idle.release(1);
  await clock.advance(3_600_000);
  const replaced = leased(await runners.lease(hello));
  runners.retire(() => false);
  replaced.release(1);
  await clock.advance(1);
  const exited = leased(await runners.lease(hello));
  await exited.environment.stop();
  await clock.advance(1);
  exited.discard('crash');
  const busy = leased(await runners.lease(hello));
  assert.notEqual(busy.environment, exited.environment);
  await runners[Symbol.asyncDispose]();
  assert.deepEqual(
    ended.map(({ reason }) => reason),
    ['idle', 'deploy', 'crash', 'shutdown'],
  );
  assert.match(ended[0]?.detail ?? '', /keep/);
});

test('a process that exits while its code is loaded has failed at that, and has not crashed', async () => {
  const { runners, ended, sandbox } = open({
    init: async () => {
      for (const environment of sandbox.live) await environment.stop();
      return { status: 'exit', code: 1, signal: undefined };
    },
  });
  const outcome = await runners.lease(hello);
  assert.equal(outcome.status, 'init_failed');
  await runners[Symbol.asyncDispose]();
  assert.deepEqual(
    ended.map(({ reason }) => reason),
    ['init_failed', 'init_failed'],
  );
});

test('a start that waited for room says for how long', async () => {
  const { runners, clock, reasons } = open({}, { environmentsMax: 1 });
  const other = leased(await runners.lease(resolvedFunction('other')));
  const waiting = runners.lease(hello);
  await clock.advance(500);
  other.release(1);
  await clock.advance(1_000);
  const { origin } = leased(await waiting);
  assert.equal(origin.reason.kind, 'limit');
  assert.ok(origin.reason.kind === 'limit' && origin.reason.waitedMs >= 400, JSON.stringify(origin.reason));
  assert.deepEqual(reasons(), ['first', 'limit']);
});
