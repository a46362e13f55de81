import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWhole } from './read-whole.ts';

async function* pieces(...sizes: number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield new Uint8Array(size).fill(size);
}

test('every number of pieces makes one, up to the limit', async () => {
  assert.deepEqual(await readWhole(pieces(), 0), Buffer.alloc(0));
  assert.deepEqual(await readWhole(pieces(3), 3), Buffer.from([3, 3, 3]));
  assert.deepEqual(await readWhole(pieces(1, 2), 3), Buffer.from([1, 2, 2]));
  assert.equal(await readWhole(pieces(4), 3), undefined);
});

test('what is too large is not read to its end, and is told so', async () => {
  let isClosed = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(10);
    } finally {
      isClosed = true;
    }
  }
  assert.equal(await readWhole(endless(), 25), undefined);
  assert.ok(isClosed);
});
