import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SharedTime } from './shared-time.ts';

test('one alone is given all, two at the same time half each', () => {
  let nowMs = 0;
  const time = new SharedTime(() => nowMs);
  const first = time.began();
  nowMs = 10;
  const second = time.began();
  nowMs = 30;
  assert.equal(time.ended() - first, 20);
  nowMs = 35;
  assert.equal(time.ended() - second, 15);
});

test('the shares of all are the time in which any ran', () => {
  const step = fc.record({ pauseMs: fc.nat(1_000), begins: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let [nowMs, busyMs, sharedMs] = [0, 0, 0];
      const time = new SharedTime(() => nowMs);
      const running: number[] = [];
      const end = (): void => {
        const began = running.shift();
        if (began !== undefined) sharedMs += time.ended() - began;
      };
      for (const { pauseMs, begins } of steps) {
        nowMs += pauseMs;
        if (running.length > 0) busyMs += pauseMs;
        if (begins) running.push(time.began());
        else end();
      }
      while (running.length > 0) end();
      assert.ok(Math.abs(busyMs - sharedMs) < 1e-6 * Math.max(1, busyMs));
    }),
  );
});
