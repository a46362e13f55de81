import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addDuration, addDurations, percentile, writeDurations, type Durations } from './durations.ts';

const of = (...all: number[]): Durations => {
  const durations: Durations = new Map();
  for (const us of all) addDuration(durations, us);
  return durations;
};

test('a percentile is right to 4 %', () => {
  const duration = fc.double({ min: 1, max: 9e8, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(duration, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0.01, max: 1 }),
      (all, share) => {
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(all.length * share) - 1] ?? 0;
        const found = percentile(of(...all), share);
        assert.ok(Math.abs(found - exact) <= 0.5 + exact * 0.04, `${found} for ${exact}`);
      },
    ),
  );
});

test('of none it is 0, and less than a microsecond is 0', () => {
  assert.equal(percentile(of(), 0.5), 0);
  assert.equal(percentile(of(0, 0.4), 0.99), 0);
});

test('what was counted apart and written is the same together', () => {
  const together = of(1, 20, 20, 3_000, 40_000_000);
  const read: Durations = new Map();
  for (const part of [of(1, 20), of(20, 3_000, 40_000_000)]) addDurations(read, writeDurations(part));
  assert.deepEqual(read, together);
});

test('there are never more than 301 of them, however long it took', () => {
  assert.equal(percentile(of(1e30), 0.5), percentile(of(1e12), 0.5));
});
