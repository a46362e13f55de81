import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { environmentsToStart, type Counts } from './autoscale.ts';

const quiet: Counts = {
  waiting: 0,
  waitedMs: 0,
  starting: 0,
  busy: 0,
  idle: 0,
  averageBusyMs: undefined,
  averageStartMs: 40,
  perEnvironment: 1,
  wanted: 0,
  enough: Infinity,
};

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

test('where an environment runs ten at once, fifty first callers need five', () => {
  assert.equal(environmentsToStart({ ...quiet, perEnvironment: 10, waiting: 50 }), 5);
  assert.equal(environmentsToStart({ ...quiet, perEnvironment: 10, waiting: 51 }), 6);
});

test('what utilisation wants is started before anybody waits', () => {
  assert.equal(environmentsToStart({ ...quiet, perEnvironment: 10, wanted: 4, busy: 2, idle: 1 }), 1);
  assert.equal(environmentsToStart({ ...quiet, perEnvironment: 10, wanted: 4, busy: 2, starting: 2 }), 0);
});

test('where the processors are short, no more than keep them busy', () => {
  const short: Counts = { ...quiet, waiting: 500, averageBusyMs: 50, waitedMs: 5_000, enough: 2 };
  assert.equal(environmentsToStart({ ...short, busy: 4 }), 0);
  assert.equal(environmentsToStart({ ...short, busy: 1 }), 1);
});

const counts = fc.record({
  waiting: fc.nat(2_000),
  waitedMs: fc.nat(20_000),
  starting: fc.nat(2_000),
  busy: fc.nat(2_000),
  idle: fc.nat(100),
  averageBusyMs: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
  averageStartMs: fc.double({ min: 0.1, max: 1e5, noNaN: true }),
  perEnvironment: fc.integer({ min: 1, max: 1_000 }),
  wanted: fc.nat(1_000),
  enough: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 64 })),
});

test('never fewer than none, never more than wait or than utilisation wants', () => {
  fc.assert(
    fc.property(counts, (given) => {
      const started = environmentsToStart(given);
      assert.ok(Number.isInteger(started) && started >= 0);
      assert.ok(started <= Math.max(Math.ceil(given.waiting / given.perEnvironment), given.wanted));
    }),
  );
});

test('who waits longer is never answered with fewer, nor are more who wait; what is on its way is not started twice', () => {
  fc.assert(
    fc.property(counts, fc.nat(1_000), (given, more) => {
      const started = environmentsToStart(given);
      assert.ok(environmentsToStart({ ...given, waiting: given.waiting + more }) >= started);
      const served = { ...given, waitedMs: 0 };
      const first = environmentsToStart(served);
      assert.equal(environmentsToStart({ ...served, starting: given.starting + first }), 0);
    }),
  );
});

test('unless the processors are short, whoever waits is given an environment in the end', () => {
  fc.assert(
    fc.property(counts, (given) => {
      if (given.waiting === 0) return;
      const patient = { ...given, enough: Infinity, starting: 0, waitedMs: 9 * given.averageStartMs };
      assert.ok(environmentsToStart(patient) > 0);
    }),
  );
});
