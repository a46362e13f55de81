import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../util/fake-clock.ts';
import { Waiters } from './waiters.ts';

test('who has gone is not served, and keeps nobody waiting', async () => {
  const waiters = new Waiters(new FakeClock());
  const gone = { isGone: false };
  const first = waiters.wait({ caller: gone });
  void waiters.wait({ caller: { isGone: false } });
  gone.isGone = true;
  assert.equal(waiters.take()?.caller?.isGone, false);
  assert.equal((await first).status, 'full');
  assert.equal(waiters.take(), undefined);
});

test('also where it stands behind others', async () => {
  const waiters = new Waiters(new FakeClock());
  void waiters.wait();
  const gone = { isGone: false };
  const second = waiters.wait({ caller: gone });
  void waiters.wait();
  gone.isGone = true;
  waiters.expire(1);
  assert.equal((await second).status, 'full');
  assert.equal(waiters.count, 2);
});

test('a thousand wait, for half a minute, but for those whose starts are under way', async () => {
  const clock = new FakeClock();
  const waiters = new Waiters(clock);
  const outcomes = Array.from({ length: 1_000 }, () => waiters.wait());
  assert.equal(waiters.isFull, true);
  await clock.advance(30_000);
  waiters.expire(2);
  assert.equal(waiters.count, 1_000);
  await clock.advance(1);
  waiters.expire(2);
  assert.equal(waiters.count, 2);
  assert.equal((await outcomes[2])?.status, 'full');
});

test('who has waited before has the place that he had', async () => {
  const clock = new FakeClock();
  const waiters = new Waiters(clock);
  const first = { isGone: false };
  const sinceMs = clock.monotonicMs();
  await clock.advance(10);
  void waiters.wait();
  await clock.advance(10);
  void waiters.wait({ caller: first, sinceMs });
  assert.equal(waiters.take()?.caller, first);
  assert.equal(waiters.waitedMs, 10);
});
