import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBudget } from './byte-budget.ts';
import { readHeld } from './read-held.ts';

const pieces = (...sizes: readonly number[]): AsyncIterable<Uint8Array> => ({
  async *[Symbol.asyncIterator]() {
    for (const size of sizes) yield Promise.resolve(new Uint8Array(size));
  },
});

test('what is not left is not given, and what was given back is there again', () => {
  const budget = new ByteBudget(10);
  assert.equal(budget.take(6), true);
  assert.equal(budget.take(5), false);
  assert.equal(budget.taken, 6);
  budget.giveBack(6);
  assert.equal(budget.take(10), true);
});

test('who has a share takes no more than that, and leaves the others the rest', () => {
  const whole = new ByteBudget(10);
  const share = whole.share(0.5);
  assert.equal(share.take(6), false);
  assert.equal(share.take(5), true);
  assert.equal(share.take(1), false);
  assert.equal(whole.taken, 5);
  assert.equal(whole.take(5), true);
  share.giveBack(5);
  assert.equal(whole.taken, 5);
  assert.equal(whole.take(3), true);
  assert.equal(share.take(3), false, 'the share is not what is left of the whole');
  assert.equal(share.taken, 0);
});

test('a body that says its length is refused before its first byte is read', async () => {
  const budget = new ByteBudget(10);
  const unread: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => assert.fail('it was read'),
  };
  const hold = budget.take.bind(budget);
  assert.deepEqual(await readHeld({ body: unread, hold }, { bytesMax: 100, bytesExpected: 11 }), { status: 'no_room' });
  assert.deepEqual(await readHeld({ body: unread, hold }, { bytesMax: 5, bytesExpected: 6 }), { status: 'too_large' });
  assert.equal(budget.taken, 0);
});

test('one that does not is counted as it comes', async () => {
  const budget = new ByteBudget(10);
  const hold = budget.take.bind(budget);
  const read = await readHeld({ body: pieces(4, 4), hold }, { bytesMax: 100, bytesExpected: undefined });
  assert.equal(read.status === 'read' && read.bytes.byteLength, 8);
  assert.equal(budget.taken, 8);
  const more = await readHeld({ body: pieces(2, 1), hold }, { bytesMax: 100, bytesExpected: undefined });
  assert.deepEqual(more, { status: 'no_room' });
});

test('where nobody counts all are read', async () => {
  const read = await readHeld({ body: pieces(50, 50) }, { bytesMax: 100, bytesExpected: undefined });
  assert.equal(read.status, 'read');
});
