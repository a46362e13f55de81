import type { Buckets, ObjectAddress } from '../../resources/bucket.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext } from '../service.ts';
import { assertOwner, assertVersion } from './address.ts';
import { bucketOwner } from './held-bucket.ts';

/** The header x-amz-copy-source: `bucket/key` or `/bucket/key`, percent-encoded, perhaps with `?versionId=`. */
export function parseCopySource(header: string | undefined): { Bucket: string; Key: string } {
  const [, encoded = '', version] = /^(.*?)(?:\?versionId=(.*))?$/s.exec(header ?? '') ?? [];
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decoded(encoded, header)) ?? [];
  if (bucket === undefined || key === undefined || bucket.startsWith('arn:')) throw invalid(header);
  if (version !== undefined) assertVersion(decoded(version, header));
  return { Bucket: bucket, Key: key };
}

function decoded(text: string, header: string | undefined): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(header);
  }
}

type CopyMembers = { CopySource?: string | undefined; ExpectedSourceBucketOwner?: string | undefined };

/** The source's bucket may be of another account than the target's. */
export function copySourceAddress(
  buckets: Pick<Buckets, 'held' | 'leftBy'>,
  { principal }: AwsContext,
  input: CopyMembers,
): ObjectAddress {
  const { Bucket, Key } = parseCopySource(input.CopySource);
  const account = bucketOwner(buckets, principal, Bucket);
  assertOwner({ account }, input.ExpectedSourceBucketOwner);
  return { account, bucket: Bucket, key: Key };
}

function invalid(header: string | undefined): PlatformError {
  return new PlatformError(
    'invalid_argument',
    `Invalid copy source object key: '${header ?? ''}'. Expected bucket/key, percent-encoded.`,
    {
      reason: 'InvalidArgument',
      field: 'CopySource',
      facts: { ArgumentName: 'x-amz-copy-source', ArgumentValue: header ?? '' },
    },
  );
}
