import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Blobs } from '../../src/store/blobs.ts';
import { bytes } from './store-engine.ts';
import type { Open } from './store-engine.ts';

async function read(blobs: Blobs, key: string, range?: { start: number; end: number }): Promise<Buffer | undefined> {
  const chunks = await blobs.read(key, range);
  return chunks === undefined ? undefined : Buffer.concat(await Array.fromAsync(chunks));
}

async function keysOf(blobs: Blobs, prefix: string): Promise<string[]> {
  return (await Array.fromAsync(blobs.list(prefix))).toSorted();
}

export function blobsContract(open: Open): void {
  test('what was written is read back, in whole and in part', async (t) => {
    const { blobs } = (await open(t)).store;
    assert.deepEqual(await blobs.write('photos/1.jpg', bytes('hello ', '', 'world')), { bytes: 11 });
    assert.equal((await read(blobs, 'photos/1.jpg'))?.toString(), 'hello world');
    assert.equal(await blobs.size('photos/1.jpg'), 11);
    assert.equal((await read(blobs, 'photos/1.jpg', { start: 6, end: 8 }))?.toString(), 'wor');
    assert.equal((await read(blobs, 'photos/1.jpg', { start: 0, end: 0 }))?.toString(), 'h');
    assert.equal((await read(blobs, 'photos/1.jpg', { start: 6, end: 1_000 }))?.toString(), 'world');
    assert.equal((await read(blobs, 'photos/1.jpg', { start: 11, end: 20 }))?.toString(), '');
    assert.equal(await read(blobs, 'photos/2.jpg'), undefined);
    assert.equal(await blobs.size('photos/2.jpg'), undefined);
  });

  test('an empty blob is a blob', async (t) => {
    const { blobs } = (await open(t)).store;
    assert.deepEqual(await blobs.write('empty', bytes()), { bytes: 0 });
    assert.equal((await read(blobs, 'empty'))?.length, 0);
    assert.equal(await blobs.size('empty'), 0);
  });

  test('every range of a blob of several chunks is the same part of it', async (t) => {
    const { blobs } = (await open(t)).store;
    const whole = Buffer.concat(
      Array.from({ length: 20_000 }, (_, index) => createHash('sha256').update(String(index)).digest()),
    );
    await blobs.write('large', bytes(whole.subarray(0, 1), whole.subarray(1, 300_001), whole.subarray(300_001)));
    assert.ok((await read(blobs, 'large'))?.equals(whole));
    const offset = fc.nat({ max: whole.length + 10 });
    await fc.assert(
      fc.asyncProperty(offset, offset, async (start, end) => {
        assert.ok((await read(blobs, 'large', { start, end }))?.equals(whole.subarray(start, end + 1)));
      }),
      { numRuns: 30 },
    );
  });

  test('a write whose source fails leaves nothing and rejects with its error', async (t) => {
    const { blobs } = (await open(t)).store;
    await blobs.write('kept', bytes('before'));
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(100_000);
      throw new Error('the client went away');
    }
    await assert.rejects(blobs.write('aborted', failing()), { message: 'the client went away' });
    await assert.rejects(blobs.write('kept', failing()), { message: 'the client went away' });
    assert.equal(await blobs.size('aborted'), undefined);
    assert.equal((await read(blobs, 'kept'))?.toString(), 'before');
    assert.deepEqual(await keysOf(blobs, ''), ['kept']);
  });

  test('nothing is seen of a blob before it is complete', async (t) => {
    const { blobs } = (await open(t)).store;
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('first half, ');
      begun.resolve();
      await gate.promise;
      yield Buffer.from('second half');
    }
    const written = blobs.write('slow', slow());
    await begun.promise;
    assert.equal(await blobs.size('slow'), undefined);
    assert.deepEqual(await keysOf(blobs, ''), []);
    gate.resolve();
    await written;
    assert.equal((await read(blobs, 'slow'))?.toString(), 'first half, second half');
  });

  test('a delete says whether there was something, and leaves readers alone', async (t) => {
    const { blobs } = (await open(t)).store;
    await blobs.write('a', bytes('still here'));
    const reader = await blobs.read('a');
    assert.equal(await blobs.delete('a'), true);
    assert.equal(await blobs.delete('a'), false);
    assert.equal(await blobs.read('a'), undefined);
    assert.equal(Buffer.concat(await Array.fromAsync(reader ?? [])).toString(), 'still here');
  });

  test('a reader may stop early, or never begin', async (t) => {
    const { blobs } = (await open(t)).store;
    await blobs.write('a', bytes(Buffer.alloc(1_000_000)));
    for await (const chunk of (await blobs.read('a')) ?? []) {
      assert.ok(chunk.length > 0);
      break;
    }
    const never = (await blobs.read('a'))?.[Symbol.asyncIterator]();
    assert.equal((await never?.return?.())?.done, true);
    assert.equal((await never?.next())?.done, true);
  });

  test('a key and the keys below it are different blobs; list knows a prefix', async (t) => {
    const { blobs } = (await open(t)).store;
    const keys = ['a', 'a/b', 'a/b/c', 'a.b', 'a-b', 'ab', 'B_/..x/x..'];
    await Promise.all(keys.map((key) => blobs.write(key, bytes(key))));
    for (const key of keys) assert.equal((await read(blobs, key))?.toString(), key);
    assert.deepEqual(await keysOf(blobs, ''), keys.toSorted());
    assert.deepEqual(await keysOf(blobs, 'a/b'), ['a/b', 'a/b/c']);
    assert.deepEqual(await keysOf(blobs, 'x'), []);
  });

  test('a key that is not one is refused, everywhere', async (t) => {
    const { blobs } = (await open(t)).store;
    for (const key of ['', '/', '/a', 'a/', 'a//b', '..', 'a/../b', './a', 'a b', 'ä', 'a+b', 'a\0', 'a'.repeat(300)]) {
      const refusal = { code: 'invalid_argument', field: 'key' };
      await assert.rejects(blobs.write(key, bytes('x')), refusal, key);
      await assert.rejects(blobs.read(key), refusal, key);
      await assert.rejects(blobs.size(key), refusal, key);
      await assert.rejects(blobs.delete(key), refusal, key);
    }
  });
}
