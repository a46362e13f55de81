/** The encoding of RSASSA-PSS around a digest that somebody else has made (RFC 8017, section 9.1): MGF1, salt as long as the digest. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

type DigestName = 'sha256' | 'sha384' | 'sha512';

const trailer = 0xbc;
const marker = Buffer.from([1]);

/** What the private key is applied to, as long as the modulus. */
export function pssOf(digest: Uint8Array, name: DigestName, modulusBits: number): Buffer {
  const salt = randomBytes(digest.length);
  const hash = hashOf(name, digest, salt);
  const length = encodedBytes(modulusBits);
  const plain = Buffer.concat([Buffer.alloc(length - hash.length - salt.length - 2), marker, salt]);
  const masked = xor(plain, mask(name, hash, plain.length));
  clearTop(masked, modulusBits);
  return whole(Buffer.concat([masked, hash, Buffer.from([trailer])]), modulusBits);
}

export function isPssOf(found: Uint8Array, digest: Uint8Array, name: DigestName, modulusBits: number): boolean {
  const length = encodedBytes(modulusBits);
  const bytes = Buffer.from(found);
  if (bytes.length < length) return false;
  const encoded = bytes.subarray(bytes.length - length);
  const maskedBytes = length - digest.length - 1;
  const hash = encoded.subarray(maskedBytes, -1);
  if (encoded.at(-1) !== trailer) return false;
  const plain = xor(encoded.subarray(0, maskedBytes), mask(name, hash, maskedBytes));
  clearTop(plain, modulusBits);
  const start = plain.length - digest.length - 1;
  if (plain[start] !== 1 || plain.subarray(0, start).some((byte) => byte !== 0)) return false;
  return timingSafeEqual(hashOf(name, digest, plain.subarray(start + 1)), hash);
}

const encodedBytes = (modulusBits: number): number => Math.ceil((modulusBits - 1) / 8);

const hashOf = (name: DigestName, digest: Uint8Array, salt: Uint8Array): Buffer =>
  createHash(name).update(Buffer.alloc(8)).update(digest).update(salt).digest();

function mask(name: DigestName, seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let bytes = 0, counter = 0; bytes < length; counter++) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    const block = createHash(name).update(seed).update(number).digest();
    blocks.push(block);
    bytes += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

const xor = (a: Uint8Array, b: Uint8Array): Buffer => Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));

/** The number is to be smaller than the modulus. */
function clearTop(bytes: Buffer, modulusBits: number): void {
  const unused = 8 * encodedBytes(modulusBits) - (modulusBits - 1);
  bytes.writeUInt8(bytes.readUInt8(0) & (0xff >> unused), 0);
}

const whole = (encoded: Buffer, modulusBits: number): Buffer =>
  Buffer.concat([Buffer.alloc(Math.ceil(modulusBits / 8) - encoded.length), encoded]);
