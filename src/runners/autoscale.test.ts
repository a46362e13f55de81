import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { environmentsToStart, type Counts } from './autoscale.ts';

const quiet: Counts = { waiting: 0, waitedMs: 0, starting: 0, busy: 0, averageBusyMs: undefined, averageStartMs: 40 };

test('each of several first callers gets an environment of its own', () => {
  assert.equal(environmentsToStart({ ...quiet, waiting: 50 }), 50);
  assert.equal(environmentsToStart({ ...quiet, waiting: 50, starting: 20 }), 30);
});

test('callers of a quick function wait for the busy environment rather than for a new one', () => {
  assert.equal(environmentsToStart({ ...quiet, waiting: 15, busy: 1, averageBusyMs: 0.2 }), 0);
});

test('callers of a slow function do not wait for the busy ones', () => {
  assert.equal(environmentsToStart({ ...quiet, waiting: 15, busy: 5, averageBusyMs: 1_000 }), 15);
});

test('averages that misled are not believed for long', () => {
  const misled: Counts = { ...quiet, waiting: 15, busy: 1, averageBusyMs: 0.2 };
  assert.equal(environmentsToStart({ ...misled, waitedMs: 79 }), 0);
  assert.equal(environmentsToStart({ ...misled, waitedMs: 81 }), 1);
  assert.equal(environmentsToStart({ ...misled, waitedMs: 321 }), 15);
});

test('never fewer than none, never more than wait', () => {
  const counts = fc.record({
    waiting: fc.nat(2_000),
    waitedMs: fc.nat(20_000),
    starting: fc.nat(2_000),
    busy: fc.nat(2_000),
    averageBusyMs: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
    averageStartMs: fc.double({ min: 0.1, max: 1e5, noNaN: true }),
  });
  fc.assert(
    fc.property(counts, (given) => {
      const started = environmentsToStart(given);
      assert.ok(Number.isInteger(started) && started >= 0 && started <= given.waiting);
    }),
  );
});
