import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ChecksumAlgorithm } from '../service.ts';
import { createChecksum, digestBytes } from './checksum.ts';

const checksumOf = (algorithm: ChecksumAlgorithm, ...pieces: Uint8Array[]): string => {
  const checksum = createChecksum(algorithm);
  for (const piece of pieces) checksum.update(piece);
  return checksum.digest();
};

/** The check values of https://reveng.sourceforge.io/crc-catalogue/all.htm, and of RFC 3174 and FIPS 180's like. */
const checkValues: Readonly<Record<ChecksumAlgorithm, string>> = {
  CRC32: 'cbf43926',
  CRC32C: 'e3069283',
  CRC64NVME: 'ae8b14860a799888',
  SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  SHA256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
  SHA512:
    'd9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85',
  MD5: '25f9e794323b453885f5181f1b624d0b',
};

const algorithms = Object.keys(checkValues) as ChecksumAlgorithm[];

test('the check values, of the digits 1 to 9', () => {
  for (const algorithm of algorithms) {
    const digest = Buffer.from(checksumOf(algorithm, Buffer.from('123456789')), 'base64');
    assert.equal(digest.toString('hex'), checkValues[algorithm]);
    assert.equal(digest.length, digestBytes[algorithm]);
  }
});

/** One bit at a time, from the polynomial: what the tables must agree with. */
function bitwise(bytes: Uint8Array, polynomial: bigint, width: bigint): bigint {
  const ones = (1n << width) - 1n;
  let value = ones;
  for (const byte of bytes) {
    value ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) value = (value >> 1n) ^ (value & 1n ? polynomial : 0n);
  }
  return value ^ ones;
}

test('tables and definition agree, and pieces make no difference', () => {
  const definitions = { CRC32C: [0x82f63b78n, 32n], CRC64NVME: [0x9a6c9329ac4bc9b5n, 64n] } as const;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 100 }), (bytes, cut) => {
      for (const [algorithm, [polynomial, width]] of Object.entries(definitions)) {
        const expected = bitwise(bytes, polynomial, width)
          .toString(16)
          .padStart(Number(width) / 4, '0');
        const found = checksumOf(algorithm as ChecksumAlgorithm, bytes.subarray(0, cut), bytes.subarray(cut));
        assert.equal(Buffer.from(found, 'base64').toString('hex'), expected);
      }
    }),
  );
});
