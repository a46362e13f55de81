/**
 * The checksums that objects carry beside their ETag, with the rules by which parts' checksums make an object's.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const checksumAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'SHA512', 'MD5'] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** `COMPOSITE`: a digest of the parts' digests, with `-<parts>` at its end. `FULL_OBJECT`: as if it had come in one piece. */
export type ChecksumType = 'COMPOSITE' | 'FULL_OBJECT';

/** `value` is base64. */
export type Checksum = { algorithm: ChecksumAlgorithm; type: ChecksumType; value: string };

export interface Digest {
  update(chunk: Uint8Array): void;
  digest(): Buffer;
}

/** A running digest over bytes. CRCs come out big-endian, as S3's headers carry them. */
export function newDigest(algorithm: ChecksumAlgorithm): Digest {
  switch (algorithm) {
    case 'CRC32':
      return crc32Digest();
    case 'CRC32C':
      return crc32cDigest();
    case 'CRC64NVME':
      return crc64Digest();
    case 'SHA1':
    case 'SHA256':
    case 'SHA512':
    case 'MD5': {
      const hash = createHash(algorithm.toLowerCase());
      return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() };
    }
  }
}

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

// ── CRCs ─────────────────────────────────────────────────────────────────────────────────────────────────────────
// All three are reflected, start with all ones and end inverted; they differ in polynomial and width. Slicing by eight
// (Kounavis and Berry, "A systematic approach to building high performance software-based CRC generators", 2005).

const crc32cPolynomial = 0x82f63b78;
const crc64Polynomial = 0x9a6c9329ac4bc9b5n;
const crc64High = Number(crc64Polynomial >> 32n) | 0;
const crc64Low = Number(crc64Polynomial & 0xffffffffn) | 0;

function crc32Digest(): Digest {
  let value = 0;
  return {
    update: (chunk) => void (value = crc32(chunk, value)),
    digest: () => bytes32(value),
  };
}

/** Eight tables of 256 words in one array. */
const crc32cTables = ((): Int32Array => {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ crc32cPolynomial : crc >>> 1;
    tables[byte] = crc;
  }
  for (let index = 256; index < tables.length; index++) {
    const before = at(tables, index - 256);
    tables[index] = (before >>> 8) ^ at(tables, before & 255);
  }
  return tables;
})();

function at(table: Int32Array, index: number): number {
  return table[index] ?? 0;
}

function crc32cDigest(): Digest {
  let crc = -1;
  const t = crc32cTables;
  return {
    update(chunk) {
      let c = crc;
      let position = 0;
      for (; position + 8 <= chunk.length; position += 8) {
        const low = c ^ word(chunk, position);
        const high = word(chunk, position + 4);
        c =
          at(t, 0x700 + (low & 255)) ^
          at(t, 0x600 + ((low >>> 8) & 255)) ^
          at(t, 0x500 + ((low >>> 16) & 255)) ^
          at(t, 0x400 + (low >>> 24)) ^
          at(t, 0x300 + (high & 255)) ^
          at(t, 0x200 + ((high >>> 8) & 255)) ^
          at(t, 0x100 + ((high >>> 16) & 255)) ^
          at(t, high >>> 24);
      }
      for (; position < chunk.length; position++) c = (c >>> 8) ^ at(t, (c ^ (chunk[position] ?? 0)) & 255);
      crc = c;
    },
    digest: () => bytes32(~crc >>> 0),
  };
}

/** Little-endian word at `position`. */
function word(chunk: Uint8Array, position: number): number {
  return (
    (chunk[position] ?? 0) |
    ((chunk[position + 1] ?? 0) << 8) |
    ((chunk[position + 2] ?? 0) << 16) |
    ((chunk[position + 3] ?? 0) << 24)
  );
}

function bytes32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value >>> 0);
  return buffer;
}

/** As for CRC32C, with the 64 bits in two halves: BigInt is some fifty times slower. */
const crc64Tables = ((): { high: Int32Array; low: Int32Array } => {
  const high = new Int32Array(8 * 256);
  const low = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let h = 0;
    let l = byte;
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (odd) {
        h ^= crc64High;
        l ^= crc64Low;
      }
    }
    high[byte] = h;
    low[byte] = l;
  }
  for (let index = 256; index < high.length; index++) {
    const h = at(high, index - 256);
    const l = at(low, index - 256);
    high[index] = (h >>> 8) ^ at(high, l & 255);
    low[index] = ((l >>> 8) | (h << 24)) ^ at(low, l & 255);
  }
  return { high, low };
})();

function crc64Digest(): Digest {
  let crcHigh = -1;
  let crcLow = -1;
  const { high: th, low: tl } = crc64Tables;
  return {
    update(chunk) {
      let h = crcHigh;
      let l = crcLow;
      let position = 0;
      for (; position + 8 <= chunk.length; position += 8) {
        l ^= word(chunk, position);
        h ^= word(chunk, position + 4);
        const i0 = 0x700 + (l & 255);
        const i1 = 0x600 + ((l >>> 8) & 255);
        const i2 = 0x500 + ((l >>> 16) & 255);
        const i3 = 0x400 + (l >>> 24);
        const i4 = 0x300 + (h & 255);
        const i5 = 0x200 + ((h >>> 8) & 255);
        const i6 = 0x100 + ((h >>> 16) & 255);
        const i7 = h >>> 24;
        h = at(th, i0) ^ at(th, i1) ^ at(th, i2) ^ at(th, i3) ^ at(th, i4) ^ at(th, i5) ^ at(th, i6) ^ at(th, i7);
        l = at(tl, i0) ^ at(tl, i1) ^ at(tl, i2) ^ at(tl, i3) ^ at(tl, i4) ^ at(tl, i5) ^ at(tl, i6) ^ at(tl, i7);
      }
      for (; position < chunk.length; position++) {
        const index = (l ^ (chunk[position] ?? 0)) & 255;
        l = ((l >>> 8) | (h << 24)) ^ at(tl, index);
        h = (h >>> 8) ^ at(th, index);
      }
      crcHigh = h;
      crcLow = l;
    },
    digest: () => Buffer.concat([bytes32(~crcHigh), bytes32(~crcLow)]),
  };
}

// The CRC of two pieces put together: multiply the first one's by x to the power of the second's length in bits, modulo
// the polynomial, and add. The method of zlib's crc32_combine, for any width.

type Field = { width: number; polynomial: bigint };
const fields: Partial<Record<ChecksumAlgorithm, Field>> = {
  CRC32: { width: 32, polynomial: 0xedb88320n },
  CRC32C: { width: 32, polynomial: BigInt(crc32cPolynomial) },
  CRC64NVME: { width: 64, polynomial: crc64Polynomial },
};

function joined(algorithm: ChecksumAlgorithm, parts: readonly { value: string; bytes: number }[]): string {
  const field = fields[algorithm];
  if (field === undefined) throw new Error(`invariant broken: ${algorithm} has no checksum of the full object made from parts`);
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
