import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checksumAlgorithms, newDigest, partsChecksum } from './checksum.ts';
import type { ChecksumAlgorithm } from './checksum.ts';

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
    assert.equal(digestOf(algorithm, Buffer.from('123456789')).toString('hex'), checks[algorithm], algorithm);
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

test('the full-object checksum made from parts is the checksum of the whole', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1 }),
      fc.constantFrom('CRC32' as const, 'CRC32C' as const, 'CRC64NVME' as const),
      (parts, algorithm) => {
        const values = parts.map((part) => ({
          value: digestOf(algorithm, part).toString('base64'),
          bytes: part.length,
        }));
        assert.deepEqual(partsChecksum(algorithm, 'FULL_OBJECT', values), {
          algorithm,
          type: 'FULL_OBJECT',
          value: digestOf(algorithm, Buffer.concat(parts)).toString('base64'),
        });
      },
    ),
  );
});

test('a composite checksum is the digest of the digests, with the number of parts', () => {
  const parts = ['one', 'two'].map((text) => digestOf('SHA256', Buffer.from(text)));
  const values = parts.map((part) => ({ value: part.toString('base64'), bytes: 3 }));
  assert.equal(
    partsChecksum('SHA256', 'COMPOSITE', values).value,
    `${digestOf('SHA256', Buffer.concat(parts)).toString('base64')}-2`,
  );
});
