import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editDistance, nearest } from './nearest.ts';

test('slips find what was meant', () => {
  const keys = ['runtime', 'handler', 'memory', 'timeout', 'environment', 'events', 'code'];
  for (const [written, meant] of [
    ['memroy', 'memory'],
    ['Memory', 'memory'],
    ['time-out', 'timeout'],
    ['enviroment', 'environment'],
    ['event', 'events'],
    ['handlers', 'handler'],
  ] as const) {
    assert.equal(nearest(written, keys), meant);
  }
});

test('what is not near anything finds nothing', () => {
  assert.equal(nearest('colour', ['code', 'memory', 'handler']), undefined);
  assert.equal(nearest('x', ['a', 'b']), undefined);
  assert.equal(nearest('', ['a']), undefined);
});

test('the distance is a distance', () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.equal(editDistance(a, b) === 0, a === b);
      assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
      assert.ok(editDistance(a, b) >= Math.abs(a.length - b.length));
    }),
  );
});

test('a swap of neighbours is one slip', () => {
  assert.equal(editDistance('memroy', 'memory'), 1);
});
