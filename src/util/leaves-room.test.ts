import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leavesRoom } from './leaves-room.ts';

const max = 1_000;

/** As many as somebody gets who takes all that he can, beside what others have. */
function all(others: number): number {
  let own = 0;
  while (leavesRoom({ own, taken: others + own, max })) own += 1;
  return own;
}

test('one gets most of what nobody else wants, and who comes after him gets some, too', () => {
  const first = all(0);
  assert.equal(first, 800);
  const second = all(first);
  assert.equal(second, 160);
  assert.equal(all(first + second), 32);
});

test('what is full is full for everybody', () => {
  assert.equal(leavesRoom({ own: 0, taken: max, max }), false);
});
