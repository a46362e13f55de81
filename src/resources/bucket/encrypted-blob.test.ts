import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { decrypted, encrypted, encryptedRange } from './encrypted-blob.ts';

const key = randomBytes(32);
const pieceBytes = 64 * 1024;

async function* chunksOf(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

const whole = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(source));

async function read(sealed: Buffer, bytes: number, first: number, last: number, blob = 'a/b'): Promise<Buffer> {
  const { start, end } = encryptedRange({ first, last });
  return whole(decrypted(chunksOf(sealed.subarray(start, end + 1), 10_000), key, { blob, bytes }, { first, last }));
}

test('any range of what was encrypted is read, however it was cut on the way', async () => {
  const lengths = fc.oneof(
    fc.integer({ min: 1, max: 200 }),
    fc.constantFrom(pieceBytes - 1, pieceBytes, pieceBytes + 1, 2 * pieceBytes, 3 * pieceBytes + 5),
  );
  await fc.assert(
    fc.asyncProperty(lengths, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 100_000 }), async (bytes, a, b, cut) => {
      const plain = randomBytes(bytes);
      const sealed = await whole(encrypted(chunksOf(plain, cut), key, 'a/b'));
      const [first = 0, last = 0] = [a % bytes, b % bytes].toSorted((x, y) => x - y);
      assert.deepEqual(await read(sealed, bytes, first, last), plain.subarray(first, last + 1));
      assert.deepEqual(await read(sealed, bytes, 0, bytes - 1), plain);
    }),
    { numRuns: 60 },
  );
});

test('nothing at all is nothing', async () => {
  assert.equal((await whole(encrypted(chunksOf(Buffer.alloc(0), 1), key, 'a'))).length, 0);
});

test('pieces that are changed, swapped, left out, cut off or of another blob are not read', async () => {
  const bytes = 3 * pieceBytes;
  const plain = randomBytes(bytes);
  const sealed = await whole(encrypted(chunksOf(plain, 1_000_000), key, 'a/b'));
  const sealedPiece = pieceBytes + 16;
  const piece = (index: number): Buffer => sealed.subarray(index * sealedPiece, (index + 1) * sealedPiece);
  const changed = Buffer.from(sealed);
  changed.writeUInt8(changed.readUInt8(70_000) ^ 1, 70_000);
  const refused = { code: 'unavailable' };
  await assert.rejects(read(changed, bytes, 0, bytes - 1), refused);
  await assert.rejects(read(Buffer.concat([piece(1), piece(0), piece(2)]), bytes, 0, bytes - 1), refused);
  await assert.rejects(read(Buffer.concat([piece(0), piece(2)]), bytes, 0, bytes - 1), refused);
  await assert.rejects(read(sealed.subarray(0, 2 * sealedPiece), 2 * pieceBytes, 0, 2 * pieceBytes - 1), refused);
  await assert.rejects(read(sealed.subarray(0, -1), bytes, 0, bytes - 1), refused);
  await assert.rejects(read(sealed, bytes, 0, 10, 'a/c'), refused);
});
