import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../util/fake-clock.ts';
import { TopicWatches } from './topic-watches.ts';

test('a store that cannot be read just then wakes who watches, is asked again, and ends nothing', async () => {
  const clock = new FakeClock();
  const startMs = clock.now();
  let answers = true;
  const watches = new TopicWatches(clock, (_topic, nowMs) => {
    if (!answers) throw new Error('disk I/O error');
    return nowMs < startMs + 3_000
      ? { isReady: false, nextDueMs: startMs + 3_000 }
      : { isReady: true, nextDueMs: undefined };
  });
  answers = false;
  assert.throws(() => watches.watch('topic', () => assert.fail('nobody watches')), /disk I\/O error/);
  answers = true;
  const wokenMs: number[] = [];
  watches.watch('topic', () => wokenMs.push(clock.now() - startMs));
  answers = false;
  watches.changed('topic', startMs + 100);
  await clock.advance(1_000);
  assert.deepEqual(wokenMs, [100]);
  answers = true;
  await clock.advance(5_000);
  assert.deepEqual(wokenMs, [100, 3_000]);
  watches.close();
});
