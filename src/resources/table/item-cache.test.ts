import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newItem, type Item } from './attribute-value.ts';
import { ItemCache } from './item-cache.ts';

const itemOf = (bytes: number): Item => newItem([['a', { S: 'x'.repeat(bytes) }]]);

test('those least lately used go first, and what is too large is not kept', () => {
  const cache = new ItemCache();
  const each = 50_000;
  cache.put('first', itemOf(each));
  cache.put('second', itemOf(each));
  for (let others = 0; others < 300; others += 1) {
    cache.put(`other-${others}`, itemOf(each));
    assert.ok(cache.get('first'));
  }
  for (let others = 300; others < 400; others += 1) cache.put(`other-${others}`, itemOf(each));
  assert.ok(cache.get('first'), 'it was used all the time');
  assert.equal(cache.get('second'), undefined);
  cache.put('first', itemOf(100_000));
  assert.equal(cache.get('first'), undefined, 'and not what it was before either');
  cache.drop('other-399');
  assert.equal(cache.get('other-399'), undefined);
});
