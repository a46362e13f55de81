import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newDigest, type ChecksumAlgorithm } from '../../util/checksum.ts';
import { partsChecksum } from './checksum.ts';

const digestOf = (algorithm: ChecksumAlgorithm, ...chunks: Uint8Array[]): Buffer => {
  const digest = newDigest(algorithm);
  for (const chunk of chunks) digest.update(chunk);
  return digest.digest();
};

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
