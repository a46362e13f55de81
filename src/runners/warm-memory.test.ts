import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedBytes, keepPriority, plentyOf } from './warm-memory.ts';

const mib = 1024 * 1024;
const gib = 1024 * mib;

test('the budget holds while the machine has memory, and less where it has not', () => {
  const totalBytes = 20 * gib;
  assert.equal(allowedBytes(4 * gib, 2 * gib, undefined), 4 * gib);
  assert.equal(allowedBytes(4 * gib, 2 * gib, { totalBytes, availableBytes: 10 * gib }), 4 * gib);
  // A gigabyte is left to others: half of one is missing.
  assert.equal(allowedBytes(4 * gib, 2 * gib, { totalBytes, availableBytes: 0.5 * gib }), 1.5 * gib);
  assert.equal(allowedBytes(4 * gib, 0, { totalBytes, availableBytes: 0 }), 0);
});

test('memory is the dearer the more of it is held', () => {
  assert.equal(plentyOf(gib, 0), 8);
  assert.equal(plentyOf(gib, gib / 100), 8);
  assert.equal(plentyOf(gib, gib / 2), 2);
  assert.equal(plentyOf(gib, gib), 1);
  assert.equal(plentyOf(0, gib), 1);
});

test('what is used more, is smaller, takes longer to start or was used later is worth more', () => {
  const one = { clock: 0, uses: 10, startMs: 100, bytes: 50 * mib };
  const worth = keepPriority(one);
  assert.ok(keepPriority({ ...one, uses: 11 }) > worth);
  assert.ok(keepPriority({ ...one, bytes: 40 * mib }) > worth);
  assert.ok(keepPriority({ ...one, startMs: 200 }) > worth);
  assert.ok(keepPriority({ ...one, clock: 1 }) > worth);
});
