/**
 * Checksums of bytes, computed as they stream by: the algorithms that S3 has, by its names.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc32c, crc64nvme } from './crc.ts';

/** Each with the length of what it comes to, in bytes. */
export const checksumBytes = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32, SHA512: 64, MD5: 16 } as const;
export type ChecksumAlgorithm = keyof typeof checksumBytes;
export const checksumAlgorithms = Object.keys(checksumBytes) as ChecksumAlgorithm[];

export interface Digest {
  update(chunk: Uint8Array): void;
  digest(): Buffer;
}

/** A running digest over bytes. CRCs come out big-endian, as S3's headers carry them. */
export function newDigest(algorithm: ChecksumAlgorithm): Digest {
  switch (algorithm) {
    case 'CRC32':
      return crc32Digest((chunk, value) => crc32(chunk, value));
    case 'CRC32C':
      return crc32Digest(crc32c);
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

/** `next` gives the CRC of what came before with `chunk` behind it. */
function crc32Digest(next: (chunk: Uint8Array, value: number) => number): Digest {
  let value = 0;
  return {
    update: (chunk) => void (value = next(chunk, value)),
    digest: () => bigEndian(value),
  };
}

function crc64Digest(): Digest {
  const value = { low: 0, high: 0 };
  return {
    update: (chunk) => crc64nvme(chunk, value),
    digest: () => Buffer.concat([bigEndian(value.high), bigEndian(value.low)]),
  };
}

function bigEndian(word: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(word >>> 0);
  return buffer;
}
