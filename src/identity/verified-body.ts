import { createHash, timingSafeEqual } from 'node:crypto';
import { PlatformError } from '../util/errors.ts';

/**
 * The body as it streams, which ends with an error when it is not what `sha256` (hex, from the signed
 * x-amz-content-sha256 header) says. So nothing may be believed before the end has been read.
 */
export async function* verifiedBody(body: AsyncIterable<Uint8Array>, sha256: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
  const actual = Buffer.from(hash.digest('hex'));
  const expected = Buffer.from(sha256.toLowerCase());
  if (actual.length === expected.length && timingSafeEqual(actual, expected)) return;
  throw new PlatformError(
    'unauthenticated',
    `The body is not the one that was signed: x-amz-content-sha256 says ${sha256}, the body has ${actual.toString()}.`,
    {
      field: 'x-amz-content-sha256',
      reason: 'XAmzContentSHA256Mismatch',
    },
  );
}
