import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atMostEvery } from './at-most-every.ts';
import { FakeClock } from './fake-clock.ts';

test('a thousand requests for the same task are the first and the last', async () => {
  const clock = new FakeClock();
  const startMs = clock.now();
  const doneMs: number[] = [];
  const ask = atMostEvery(200, clock, () => doneMs.push(clock.now() - startMs));
  for (let n = 0; n < 1_000; n += 1) ask();
  assert.deepEqual(doneMs, [0]);
  await clock.advance(150);
  ask();
  await clock.advance(1_000);
  assert.deepEqual(doneMs, [0, 200]);
  ask();
  assert.deepEqual(doneMs, [0, 200, 1_150]);
});
