import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backOffMs } from './back-off.ts';

test('a back-off grows, stays within its bounds, and never waits less than half of its step', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, fraction) => {
        const bounds = { firstMs: 50, maxMs: 30_000 };
        const waitMs = backOffMs(failures, fraction, bounds);
        assert(waitMs >= bounds.firstMs / 2 && waitMs <= bounds.maxMs);
        assert(backOffMs(failures + 1, fraction, bounds) >= waitMs);
      },
    ),
  );
});
