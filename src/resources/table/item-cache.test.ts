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

test('what takes much more memory than it counts for is not kept', () => {
  const cache = new ItemCache();
  const many = <Value>(value: Value): Value[] => Array.from({ length: 5_000 }, () => value);
  // Each counts for 20 KB at the most.
  cache.put('maps', newItem([['a', { L: many({ M: newItem() }) }]]));
  cache.put('texts', newItem([['a', { L: many({ S: '' }) }]]));
  cache.put('set', newItem([['a', { SS: many('x') }]]));
  for (const place of ['maps', 'texts', 'set']) assert.equal(cache.get(place), undefined, place);
  cache.put('few', newItem([['a', { L: [{ M: newItem([['b', { BS: [Buffer.from('x')] }]]) }, { N: '1' }] }]]));
  assert.ok(cache.get('few'));
});
