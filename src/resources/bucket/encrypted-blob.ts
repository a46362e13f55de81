/**
 * Encrypted bytes in a blob, of which any range can be read: pieces of 64 KB, each encrypted and authenticated by itself
 * (AES-256-GCM) with a key that the blob alone has. Its place, and whether it is the last, are authenticated with it:
 * pieces cannot be swapped, left out or cut off at the end.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { PlatformError } from '../../util/errors.ts';
import type { Slice } from './select-bytes.ts';

const pieceBytes = 64 * 1024;
const tagBytes = 16;
const nonceBytes = 12;
const cipherName = 'aes-256-gcm';

export async function* encrypted(
  source: AsyncIterable<Uint8Array>,
  dataKey: Buffer,
  blob: string,
): AsyncGenerator<Uint8Array> {
  const key = blobKey(dataKey, blob);
  let index = 0;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const seal = (plain: Buffer, isLast: boolean): Buffer => {
    const cipher = createCipheriv(cipherName, key, nonceOf(index++)).setAAD(mark(isLast));
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  };
  for await (const chunk of source) {
    held.push(chunk);
    heldBytes += chunk.length;
    // A whole piece is kept until there is more: it may be the last.
    if (heldBytes <= pieceBytes) continue;
    let rest = Buffer.concat(held);
    for (; rest.length > pieceBytes; rest = rest.subarray(pieceBytes)) yield seal(rest.subarray(0, pieceBytes), false);
    held = [rest];
    heldBytes = rest.length;
  }
  if (heldBytes > 0) yield seal(Buffer.concat(held), true);
}

/** Where the pieces lie, in the blob, that `slice` of what was encrypted touches. */
export function encryptedRange({ first, last }: Slice): { start: number; end: number } {
  const sealedBytes = pieceBytes + tagBytes;
  return {
    start: Math.floor(first / pieceBytes) * sealedBytes,
    end: (Math.floor(last / pieceBytes) + 1) * sealedBytes - 1,
  };
}

/** `bytes`: of the whole, as it was before it was encrypted. `source`: of `encryptedRange`. */
export async function* decrypted(
  source: AsyncIterable<Uint8Array>,
  dataKey: Buffer,
  { blob, bytes }: { blob: string; bytes: number },
  { first, last }: Slice,
): AsyncGenerator<Uint8Array> {
  const key = blobKey(dataKey, blob);
  const lastIndex = Math.floor((bytes - 1) / pieceBytes);
  const endIndex = Math.floor(last / pieceBytes);
  let index = Math.floor(first / pieceBytes);
  let held = Buffer.alloc(0);
  for await (const chunk of source) {
    held = Buffer.concat([held, chunk]);
    for (let length = sealedLength(index); index <= endIndex && held.length >= length; length = sealedLength(index)) {
      const plain = open(held.subarray(0, length));
      const start = index * pieceBytes;
      yield plain.subarray(Math.max(0, first - start), Math.min(plain.length, last - start + 1));
      held = held.subarray(length);
      index++;
    }
  }
  if (index <= endIndex) throw damaged();

  function sealedLength(at: number): number {
    return (at === lastIndex ? bytes - lastIndex * pieceBytes : pieceBytes) + tagBytes;
  }

  function open(sealed: Buffer): Buffer {
    const decipher = createDecipheriv(cipherName, key, nonceOf(index), { authTagLength: tagBytes })
      .setAAD(mark(index === lastIndex))
      .setAuthTag(sealed.subarray(-tagBytes));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]);
    } catch (error) {
      throw damaged(error);
    }
  }
}

const damaged = (cause?: unknown): PlatformError =>
  new PlatformError('unavailable', 'The bytes of the object are not as they were encrypted.', {
    ...(cause !== undefined && { cause }),
  });

const blobKey = (dataKey: Buffer, blob: string): Buffer =>
  Buffer.from(hkdfSync('sha256', dataKey, blob, 'mayfly blob', dataKey.length));

/** Each is used once with its key. */
function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeUInt32BE(index, nonceBytes - 4);
  return nonce;
}

const mark = (isLast: boolean): Buffer => Buffer.from([isLast ? 1 : 0]);
