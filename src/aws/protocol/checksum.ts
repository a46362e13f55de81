/** S3's checksums, computed as bytes stream by. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ChecksumAlgorithm } from '../service.ts';
import { crc32c, crc64nvme } from '../../util/crc.ts';

export type Checksum = {
  update(bytes: Uint8Array): void;
  /** Base64, as it travels in headers. Called once, last. */
  digest(): string;
};

/** By the last part of `x-amz-checksum-…`. */
export const algorithmByName: ReadonlyMap<string, ChecksumAlgorithm> = new Map([
  ['crc32', 'CRC32'],
  ['crc32c', 'CRC32C'],
  ['crc64nvme', 'CRC64NVME'],
  ['sha1', 'SHA1'],
  ['sha256', 'SHA256'],
  ['sha512', 'SHA512'],
  ['md5', 'MD5'],
]);

export const digestBytes: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
  MD5: 16,
};

export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  switch (algorithm) {
    case 'CRC32':
      return crc((bytes, value) => crc32(bytes, value));
    case 'CRC32C':
      return crc(crc32c);
    case 'CRC64NVME': {
      const value = { low: 0, high: 0 };
      return {
        update: (bytes) => crc64nvme(bytes, value),
        digest() {
          const bytes = Buffer.alloc(8);
          bytes.writeInt32BE(value.high, 0);
          bytes.writeInt32BE(value.low, 4);
          return bytes.toString('base64');
        },
      };
    }
    case 'SHA1':
    case 'SHA256':
    case 'SHA512':
    case 'MD5': {
      const hash = createHash(algorithm.toLowerCase());
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('base64') };
    }
  }
}

function crc(next: (bytes: Uint8Array, value: number) => number): Checksum {
  let value = 0;
  return {
    update(bytes) {
      value = next(bytes, value);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString('base64');
    },
  };
}
