import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallList } from './call-list.ts';

const base = 0x1000_0000_0000;
const words = (bytes: Buffer, at: number): bigint[] =>
  Array.from({ length: 8 }, (_, index) => bytes.readBigInt64LE(at + index * 8));

test('calls stand one after the other: number, six parameters, outcome; data behind them, where it is said to be', () => {
  const list = new CallList(base, 4);
  const text = list.place(Buffer.from('/path\0'));
  const next = list.place(Buffer.alloc(24));
  assert.equal(list.add('open', [text, 0], 5), 0);
  assert.equal(list.add('mmap', [0, 4096, 3, 0x22, -1, 0], -14), 1);
  const { bytes, loop, entries, end } = list.placed;
  assert.deepEqual([loop, bytes.length], [base, list.bytes]);
  assert.deepEqual(words(bytes, entries - base), [2n, BigInt(text), 0n, 0n, 0n, 0n, 0n, 5n]);
  assert.deepEqual(words(bytes, entries - base + 64), [9n, 0n, 4096n, 3n, 0x22n, -1n, 0n, -14n]);
  assert.equal(end, entries + 2 * 64);
  assert.ok(text >= entries + 4 * 64 && text % 16 === 0 && next === text + 16);
  assert.equal(bytes.toString('utf8', text - base, text - base + 5), '/path');
  assert.deepEqual([list.nameAt(entries), list.nameAt(end)], ['open', undefined]);
  assert.equal(list.describe(entries + 64), 'mmap(0x0, 0x1000, 0x3, 0x22, 0x-1, 0x0)');
});

test('an entry is completed in a copy, and no more are taken than there is room for', () => {
  const list = new CallList(base, 1);
  const entry = list.add('rseq', [0, 0, 1, 0], 0);
  const { bytes, entries } = list.placed;
  const copy = Buffer.from(bytes);
  list.replace(copy, entry, { parameters: [7, undefined, undefined, 9], outcome: 2 });
  assert.deepEqual(words(copy, entries - base), [334n, 7n, 0n, 1n, 9n, 0n, 0n, 2n]);
  list.replace(copy, entry, { name: 'getpid' });
  assert.equal(words(copy, entries - base)[0], 39n);
  assert.equal(words(bytes, entries - base)[1], 0n);
  assert.throws(() => list.add('close', [4], 0), /more than 1 calls/);
});
