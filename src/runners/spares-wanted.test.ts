import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { burstMs, noBursts, sparesMax, sparesWanted, withColdStart, type Bursts } from './spares-wanted.ts';

const after = (times: readonly number[]): Bursts => times.reduce(withColdStart, noBursts);
const burst = (count: number, fromMs: number) => Array.from({ length: count }, (_, at) => fromMs + at * 10);

test('cold starts now and then ask for no more than the usual number', () => {
  const times = Array.from({ length: 50 }, (_, at) => at * (burstMs + 1));
  assert.equal(sparesWanted(2, after(times), times.at(-1) ?? 0), 2);
});

test('after a burst as many are kept as it took, and ever fewer as it is forgotten', () => {
  const bursts = after(burst(10, 0));
  assert.equal(sparesWanted(2, bursts, 1_000), 10);
  assert.equal(sparesWanted(2, bursts, 10 * 60_000), 5);
  assert.equal(sparesWanted(2, bursts, 60 * 60_000), 2);
});

test('where none are to be kept, no burst changes that', () => {
  assert.equal(sparesWanted(0, after(burst(10, 0)), 100), 0);
});

test('it is never fewer than usual, nor more than the most', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000)), fc.integer({ min: 1, max: sparesMax }), (pauses, usual) => {
      let timeMs = 0;
      const bursts = after(pauses.map((pause) => (timeMs += pause)));
      const wanted = sparesWanted(usual, bursts, timeMs);
      assert.ok(wanted >= usual && wanted <= sparesMax, String(wanted));
    }),
  );
});
