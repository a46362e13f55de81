import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInTurn } from './in-turn.ts';

test('one at a time under one key, in the order of asking; others do not wait', async () => {
  const inTurn = createInTurn();
  const first = Promise.withResolvers<string>();
  const seen: string[] = [];
  const step =
    (name: string, work: Promise<string> = Promise.resolve(name)) =>
    () => {
      seen.push(name);
      return work;
    };
  const a = inTurn('key', step('a', first.promise));
  const b = inTurn('key', step('b'));
  const c = inTurn('key', step('c'));
  assert.equal(await inTurn('other', step('d')), 'd');
  assert.deepEqual(seen, ['a', 'd']);
  first.resolve('a');
  assert.deepEqual(await Promise.all([a, b, c]), ['a', 'b', 'c']);
  assert.deepEqual(seen, ['a', 'd', 'b', 'c']);
});

test('a failure is told to whoever asked, and does not stop the next', async () => {
  const inTurn = createInTurn();
  const failed = inTurn('key', () => Promise.reject(new Error('no')));
  const next = inTurn('key', () => Promise.resolve(2));
  await assert.rejects(failed, /no/);
  assert.equal(await next, 2);
  assert.equal(await inTurn('key', () => Promise.resolve(3)), 3);
});
