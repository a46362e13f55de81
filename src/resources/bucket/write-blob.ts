import { newDigest, type Digest } from '../../util/checksum.ts';
import { PlatformError } from '../../util/errors.ts';
import type { ChecksumSource } from '../bucket.ts';
import type { Core } from './core.ts';
import { encrypted } from './encrypted-blob.ts';
import type { Claim } from './unowned-blobs.ts';

/** The most that one put, one part or one copy may have. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const uploadBytesMax = 5 * 1024 ** 3;

export type WrittenBlob = {
  claim: Claim;
  bytes: number;
  /** MD5 in hex, or as much chance. */
  etag: string;
  /** Base64. */
  checksum?: string;
};

export type BlobOptions = {
  checksum?: ChecksumSource | undefined;
  /** What the bytes are encrypted with. `isOpaque`: the ETag says nothing of them. */
  sealing?: { dataKey: Buffer; isOpaque: boolean } | undefined;
};

/** Streams bytes into a blob that no record points at yet. On failure nothing is left. */
export async function writeBlob(
  core: Core,
  body: AsyncIterable<Uint8Array>,
  { checksum, sealing }: BlobOptions = {},
): Promise<WrittenBlob> {
  const claim = await core.unowned.claim();
  const md5 = newDigest('MD5');
  const own = checksum === undefined || checksum.value !== undefined ? undefined : newDigest(checksum.algorithm);
  const count = { bytes: 0 };
  const plain = digested(body, own === undefined ? [md5] : [md5, own], count);
  try {
    await core.blobs.write(claim.blob, sealing === undefined ? plain : encrypted(plain, sealing.dataKey, claim.blob));
    const value = own?.digest().toString('base64') ?? checksum?.value?.();
    const etag = sealing?.isOpaque === true ? core.ids.hex(16) : md5.digest().toString('hex');
    return { claim, ...count, etag, ...(value === undefined ? {} : { checksum: value }) };
  } catch (error) {
    await core.unowned.discard(claim);
    throw error;
  }
}

/**
 * Runs what makes a record point at the blob. When it refuses, the blob goes. When it is not known whether it was done (the
 * disk failed), the blob stays: the next start knows from the records.
 */
export async function adopting<Result>(core: Core, claim: Claim, adopt: () => Promise<Result>): Promise<Result> {
  try {
    return await adopt();
  } catch (error) {
    if (error instanceof PlatformError && error.fault === 'caller') await core.unowned.discard(claim);
    throw error;
  }
}

/** `count`: told what has come. */
async function* digested(
  body: AsyncIterable<Uint8Array>,
  digests: readonly Digest[],
  count: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    count.bytes += chunk.length;
    if (count.bytes > uploadBytesMax) throw tooLarge(count.bytes);
    for (const digest of digests) digest.update(chunk);
    yield chunk;
  }
}

export function tooLarge(bytes: number): PlatformError {
  return new PlatformError('too_large', 'Your proposed upload exceeds the maximum allowed size', {
    reason: 'EntityTooLarge',
    facts: { ProposedSize: String(bytes), MaxSizeAllowed: String(uploadBytesMax) },
  });
}
