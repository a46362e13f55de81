import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checksumAlgorithms, checksumBytes, newDigest, type ChecksumAlgorithm } from './checksum.ts';

const digestOf = (algorithm: ChecksumAlgorithm, ...chunks: Uint8Array[]): Buffer => {
  const digest = newDigest(algorithm);
  for (const chunk of chunks) digest.update(chunk);
  return digest.digest();
};

test('each algorithm gives the check value of its catalogue for 123456789', () => {
  // https://reveng.sourceforge.io/crc-catalogue/all.htm; the hashes from coreutils.
  const checks = {
    CRC32: 'cbf43926',
    CRC32C: 'e3069283',
    CRC64NVME: 'ae8b14860a799888',
    SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
    SHA512:
      'd9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85',
    MD5: '25f9e794323b453885f5181f1b624d0b',
    SHA256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
  };
  for (const algorithm of checksumAlgorithms) {
    const digest = digestOf(algorithm, Buffer.from('123456789'));
    assert.equal(digest.toString('hex'), checks[algorithm], algorithm);
    assert.equal(digest.length, checksumBytes[algorithm], algorithm);
  }
});

test('a digest does not depend on how the bytes were cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.constantFrom(...checksumAlgorithms),
      (chunks, algorithm) => {
        assert.deepEqual(digestOf(algorithm, ...chunks), digestOf(algorithm, Buffer.concat(chunks)));
      },
    ),
  );
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

test('tables and definition agree', () => {
  const definitions = { CRC32C: [0x82f63b78n, 32n], CRC64NVME: [0x9a6c9329ac4bc9b5n, 64n] } as const;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 100 }), (bytes, cut) => {
      for (const [algorithm, [polynomial, width]] of Object.entries(definitions)) {
        const expected = bitwise(bytes, polynomial, width)
          .toString(16)
          .padStart(Number(width) / 4, '0');
        const found = digestOf(algorithm as ChecksumAlgorithm, bytes.subarray(0, cut), bytes.subarray(cut));
        assert.equal(found.toString('hex'), expected);
      }
    }),
  );
});
