import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../util/fake-clock.ts';
import { PutOff } from './put-off.ts';

test('work that nobody waits for is done while nobody is served, and otherwise one piece in each stretch of time', async () => {
  const clock = new FakeClock();
  let hasTime = true;
  const later = new PutOff(clock, () => hasTime, 1_000);
  assert.equal(later.isPutOff(), false);
  hasTime = false;
  const done: number[] = [];
  for (let atMs = 0; atMs < 4_000; atMs += 250) {
    if (!later.isPutOff()) done.push(atMs);
    await clock.advance(250);
  }
  assert.deepEqual(done, [1_000, 2_250, 3_500]);
  hasTime = true;
  assert.equal(later.isPutOff(), false);
  assert.equal(later.isPutOff(), false);
  hasTime = false;
  assert.equal(later.isPutOff(), true, 'what was put off before does not count');
});
