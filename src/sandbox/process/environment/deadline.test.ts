import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../util/fake-clock.ts';
import { Deadline } from './deadline.ts';

function open(): { clock: FakeClock; deadline: Deadline; passedMs: number[] } {
  const clock = new FakeClock();
  const passedMs: number[] = [];
  return { clock, passedMs, deadline: new Deadline(clock, () => passedMs.push(clock.monotonicMs())) };
}

test('each that begins has its whole time, whatever the one before has left of its own', async () => {
  const { clock, deadline, passedMs } = open();
  const sinceMs = clock.monotonicMs();
  deadline.begin(sinceMs, 100);
  await clock.advance(90);
  deadline.over();
  deadline.begin(clock.monotonicMs(), 100);
  await clock.advance(99);
  assert.deepEqual(passedMs, []);
  await clock.advance(1);
  assert.deepEqual(passedMs, [sinceMs + 190]);
});

test('a shorter time is not waited for with a longer timer', async () => {
  const { clock, deadline, passedMs } = open();
  const sinceMs = clock.monotonicMs();
  deadline.begin(sinceMs, 1_000);
  deadline.over();
  deadline.begin(sinceMs, 10);
  await clock.advance(10);
  assert.deepEqual(passedMs, [sinceMs + 10]);
});

test('nothing has its time while nothing runs, and what comes after that has all of it', async () => {
  const { clock, deadline, passedMs } = open();
  deadline.begin(clock.monotonicMs(), 50);
  deadline.over();
  await clock.advance(500);
  assert.deepEqual(passedMs, []);
  const sinceMs = clock.monotonicMs();
  deadline.begin(sinceMs, 50);
  await clock.advance(50);
  assert.deepEqual(passedMs, [sinceMs + 50]);
});

test('closed, it is over for good', async () => {
  const { clock, deadline, passedMs } = open();
  deadline.begin(clock.monotonicMs(), 50);
  deadline.close();
  deadline.begin(clock.monotonicMs(), 50);
  await clock.advance(500);
  assert.deepEqual(passedMs, []);
});
