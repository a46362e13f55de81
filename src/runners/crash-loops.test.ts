import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox } from '../../test/fakes/fake-sandbox.ts';
import { resolvedFunction } from '../../test/fakes/resolved.ts';
import { openRunners } from '../../test/fakes/runners.ts';
import type { InitOutcome } from '../sandbox/sandbox.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { freeFailures, pauseBounds } from './crash-loops.ts';
import type { LeaseOutcome } from './runners.ts';

const broken: InitOutcome = { status: 'error', error: { errorType: 'Broken', errorMessage: 'no such module' } };
const hello = resolvedFunction('hello');

function open() {
  const clock = new FakeClock();
  const state = { init: broken };
  let inits = 0;
  const sandbox = fakeSandbox({
    init: () => {
      inits += 1;
      return Promise.resolve(state.init);
    },
  });
  const runners = openRunners({ sandbox, clock, warn: assert.fail });
  return { runners, clock, state, sandbox, inits: () => inits };
}

type Failed = Extract<LeaseOutcome, { status: 'init_failed' }>;

function failed(outcome: LeaseOutcome): Failed {
  assert.equal(outcome.status, 'init_failed');
  return outcome as Failed;
}

async function failing(opened: ReturnType<typeof open>): Promise<void> {
  for (let calls = 0; calls < freeFailures; calls += 1)
    assert.equal(failed(await opened.runners.lease(hello)).pause, undefined);
}

test('after a few failures in a row, callers are told the last one at once, and when the next try is', async () => {
  const opened = open();
  const { clock, runners, inits } = opened;
  await failing(opened);
  const before = inits();
  for (let calls = 0; calls < 50; calls += 1) {
    const { failure, pause, initUs, provisionUs, retried, start } = failed(await runners.lease(hello));
    assert.deepEqual(failure, broken);
    assert.deepEqual(
      { initUs, provisionUs, retried, start },
      { initUs: 0, provisionUs: 0, retried: undefined, start: 'warm' },
    );
    assert.equal(pause?.failures, freeFailures);
    const leftMs = pause.untilMs - clock.now();
    assert.ok(Number.isInteger(pause.untilMs), `${pause.untilMs} is a time in milliseconds`);
    assert.ok(leftMs > 0 && leftMs <= pauseBounds.firstMs, `${leftMs} ms`);
  }
  assert.equal(inits(), before);
});

test('then one tries while others are still told, and the pause grows up to its bound', async () => {
  const opened = open();
  const { clock, runners, inits } = opened;
  await failing(opened);
  let longestMs = 0;
  for (let tries = 1; tries <= 12; tries += 1) {
    const { pause } = failed(await runners.lease(hello));
    const leftMs = (pause?.untilMs ?? 0) - clock.now();
    longestMs = Math.max(longestMs, leftMs);
    await clock.advance(Math.ceil(leftMs));
    const before = inits();
    const outcomes = (await Promise.all([runners.lease(hello), runners.lease(hello), runners.lease(hello)])).map(
      failed,
    );
    assert.equal(inits() - before, 2, 'one start, tried twice');
    assert.equal(outcomes.filter(({ pause: told }) => told === undefined).length, 1);
  }
  assert.ok(longestMs > pauseBounds.maxMs / 2 && longestMs <= pauseBounds.maxMs, `${longestMs} ms`);
});

test('what works again is forgotten at once', async () => {
  const opened = open();
  const { clock, runners, state } = opened;
  await failing(opened);
  await clock.advance(pauseBounds.firstMs);
  state.init = { status: 'ready' };
  const outcome = await runners.lease(hello);
  assert.equal(outcome.status, 'leased');
  if (outcome.status === 'leased') outcome.lease.discard('crash');
  state.init = broken;
  await failing(opened);
});

test('what fails now and then is never paused', async () => {
  const opened = open();
  for (let calls = 0; calls < 20; calls += 1) {
    assert.equal(failed(await opened.runners.lease(hello)).pause, undefined);
    await opened.clock.advance(11 * 60_000);
  }
});

test('a deployment starts afresh', async () => {
  const opened = open();
  await failing(opened);
  assert.notEqual(failed(await opened.runners.lease(hello)).pause, undefined);
  const next = { ...hello, version: { ...hello.version, settingsHash: 'another' } };
  assert.equal(failed(await opened.runners.lease(next)).pause, undefined);
});

test('those that are to be there always are tried ever more seldom, too', async () => {
  const { runners, clock, inits } = open();
  runners.provide([{ resolved: hello, count: 1 }]);
  await clock.advance(10 * 60_000);
  const [first, tenMinutes] = [inits(), 10 * 60_000];
  assert.ok(first >= tenMinutes / pauseBounds.maxMs && first < 30, `${first} starts`);
});

test('and so are those that end as soon as they are up', async () => {
  const opened = open();
  opened.state.init = { status: 'ready' };
  const { runners, clock, sandbox, inits } = opened;
  runners.provide([{ resolved: hello, count: 1 }]);
  for (let seconds = 0; seconds < 600; seconds += 1) {
    await clock.advance(1_000);
    for (const environment of sandbox.live) await environment.stop();
  }
  assert.ok(inits() > 5 && inits() < 30, `${inits()} starts`);
});
