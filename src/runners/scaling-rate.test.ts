import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fullAllowance, isFull, scalingRate, spent, type Allowance } from './scaling-rate.ts';

function spendAll(allowance: Allowance, nowMs: number): { count: number; left: Allowance } {
  let left = allowance;
  for (let count = 0; ; count++) {
    const next = spent(left, nowMs);
    if (next === undefined) return { count, left };
    left = next;
  }
}

test('a thousand at once, then one each ten milliseconds', () => {
  const { count, left } = spendAll(fullAllowance(0), 0);
  assert.equal(count, 1_000);
  assert.equal(spent(left, 9), undefined);
  assert.equal(spendAll(left, 10).count, 1);
  assert.equal(spendAll(left, 2_500).count, 250);
  assert.equal(isFull(left, 9_999), false);
  assert.equal(spendAll(left, 60_000).count, 1_000, 'nothing is saved up');
});

test('in whatever order time passes and starts are made, ten seconds never allow more than the rate and what was full before', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2_000), { maxLength: 40 }), (pauses) => {
      let [nowMs, allowance, made] = [0, fullAllowance(0), 0];
      for (const pauseMs of pauses) {
        nowMs += pauseMs;
        const { count, left } = spendAll(allowance, nowMs);
        [allowance, made] = [left, made + count];
        assert.ok(made <= scalingRate.environmentsMax + nowMs / 10 + 1e-6);
      }
    }),
  );
});
