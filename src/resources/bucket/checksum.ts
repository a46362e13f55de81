/**
 * The checksums that objects carry beside their ETag: the rules by which parts' checksums make an object's.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
import { assert } from '../../util/assert.ts';
import { newDigest, type ChecksumAlgorithm } from '../../util/checksum.ts';

/** `COMPOSITE`: a digest of the parts' digests, with `-<parts>` at its end. `FULL_OBJECT`: as if it had come in one piece. */
export type ChecksumType = 'COMPOSITE' | 'FULL_OBJECT';

/** `value` is base64. */
export type Checksum = { algorithm: ChecksumAlgorithm; type: ChecksumType; value: string };

/** The checksum of an object made of parts, in order. `values` are the parts' own checksums. */
export function partsChecksum(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { value: string; bytes: number }[],
): Checksum {
  return { algorithm, type, value: type === 'COMPOSITE' ? composite(algorithm, parts) : joined(algorithm, parts) };
}

function composite(algorithm: ChecksumAlgorithm, parts: readonly { value: string }[]): string {
  const digest = newDigest(algorithm);
  for (const part of parts) digest.update(Buffer.from(part.value, 'base64'));
  return `${digest.digest().toString('base64')}-${parts.length}`;
}

/**
 * Which types an algorithm can have in a multipart upload, the default first (table "full object and composite checksum
 * types" of the page above). Only CRCs of parts can be put together to that of the whole.
 */
export const checksumTypes: Record<ChecksumAlgorithm, readonly ChecksumType[]> = {
  CRC32: ['COMPOSITE', 'FULL_OBJECT'],
  CRC32C: ['COMPOSITE', 'FULL_OBJECT'],
  CRC64NVME: ['FULL_OBJECT'],
  SHA1: ['COMPOSITE'],
  SHA256: ['COMPOSITE'],
  SHA512: ['COMPOSITE'],
  MD5: ['COMPOSITE'],
};

// The CRC of two pieces put together (all three are reflected, start with all ones and end inverted): multiply the first one's by x to the power of the second's length in bits, modulo
// the polynomial, and add. The method of zlib's crc32_combine, for any width.

type Field = { width: number; polynomial: bigint };
const fields: Partial<Record<ChecksumAlgorithm, Field>> = {
  CRC32: { width: 32, polynomial: 0xedb88320n },
  CRC32C: { width: 32, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64, polynomial: 0x9a6c9329ac4bc9b5n },
};

function joined(algorithm: ChecksumAlgorithm, parts: readonly { value: string; bytes: number }[]): string {
  const field = fields[algorithm];
  assert(field !== undefined, `${algorithm} of parts makes no checksum of the full object`);
  let crc = 0n;
  let shift: { bytes: number; power: bigint } | undefined;
  for (const part of parts) {
    // Parts are mostly of one length: its power is worth keeping.
    if (shift?.bytes !== part.bytes) shift = { bytes: part.bytes, power: powerOfX(field, BigInt(part.bytes) * 8n) };
    crc = multiply(field, shift.power, crc) ^ BigInt(`0x${Buffer.from(part.value, 'base64').toString('hex') || '0'}`);
  }
  return Buffer.from(crc.toString(16).padStart(field.width / 4, '0'), 'hex').toString('base64');
}

/** In the reflected order x⁰ is the highest bit. */
function multiply({ width, polynomial }: Field, a: bigint, b: bigint): bigint {
  let product = 0n;
  let term = b;
  for (let bit = BigInt(width) - 1n; bit >= 0n; bit--) {
    if ((a >> bit) & 1n) product ^= term;
    term = term & 1n ? (term >> 1n) ^ polynomial : term >> 1n;
  }
  return product;
}

function powerOfX(field: Field, exponent: bigint): bigint {
  const one = 1n << BigInt(field.width - 1);
  let result = one;
  let square = one >> 1n;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(field, square, result);
    square = multiply(field, square, square);
  }
  return result;
}
