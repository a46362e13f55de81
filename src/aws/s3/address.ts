/** What a request is about, as the engine and as IAM name it. */
import { createHash } from 'node:crypto';
import { userIdOf } from '../../identity/user-id.ts';
import type { Actor, BucketAddress, ObjectAddress, UploadAddress } from '../../resources/bucket.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { Access, AwsContext } from '../service.ts';

type OfBucket = { Bucket?: string | undefined; ExpectedBucketOwner?: string | undefined };
type OfObject = OfBucket & { Key?: string | undefined };

/** Checks the expected owner as well. */
export function bucketAddress(context: AwsContext, input: OfBucket): BucketAddress {
  assertOwner(context, input.ExpectedBucketOwner);
  return { account: context.account, bucket: needed(input.Bucket, 'Bucket') };
}

export function objectAddress(
  context: AwsContext,
  input: OfObject & { VersionId?: string | undefined },
): ObjectAddress {
  if (input.VersionId !== undefined) assertVersion(input.VersionId);
  return { ...bucketAddress(context, input), key: needed(input.Key, 'Key') };
}

export function uploadAddress(context: AwsContext, input: OfObject & { UploadId?: string | undefined }): UploadAddress {
  return { ...objectAddress(context, input), uploadId: needed(input.UploadId, 'UploadId') };
}

export function assertOwner({ account }: Pick<AwsContext, 'account'>, expected: string | undefined): void {
  if (expected === undefined || expected === account) return;
  throw new PlatformError('permission_denied', `Access Denied: the bucket's owner is not ${expected}.`, {
    reason: 'AccessDenied',
  });
}

/** Without versioning there is one version of each object, and it is called `null`. */
export function assertVersion(version: string): void {
  if (version === 'null') return;
  throw new PlatformError(
    'not_found',
    `The version '${version}' does not exist: buckets here keep one version, 'null'.`,
    {
      reason: 'NoSuchVersion',
      facts: { VersionId: version },
    },
  );
}

export function needed<Value>(value: Value | undefined, field: string): Value {
  if (value !== undefined && value !== '') return value;
  throw new PlatformError('invalid_argument', `The request has no ${field}.`, { field, reason: 'InvalidRequest' });
}

export const onBucket = (action: string, input: OfBucket): Access => ({
  action,
  resource: `arn:aws:s3:::${input.Bucket ?? ''}`,
});

type Listing = OfBucket & { Prefix?: string | undefined; Delimiter?: string | undefined; MaxKeys?: number | undefined };

/** What is listed of a bucket is for conditions to narrow. https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html */
export const onListing = (action: string, input: Listing): Access => ({
  ...onBucket(action, input),
  conditions: {
    's3:prefix': input.Prefix,
    's3:delimiter': input.Delimiter,
    's3:max-keys': input.MaxKeys === undefined ? undefined : String(input.MaxKeys),
  },
});

export const onObject = (action: string, input: OfObject): Access => ({
  action,
  resource: `arn:aws:s3:::${input.Bucket ?? ''}/${input.Key ?? ''}`,
});

export function actorOf(context: AwsContext): Actor {
  const { principal, account, request, requestId, cause } = context;
  return {
    cause,
    requestId,
    sourceIp: request.remoteAddress,
    principalId: principal.kind === 'anonymous' ? 'Anonymous' : `AWS:${userIdOf(principal)}`,
    ...(principal.kind !== 'anonymous' && principal.account !== account && { requester: principal.account }),
  };
}

/** An account's canonical id: 64 hex digits. https://docs.aws.amazon.com/AmazonS3/latest/userguide/finding-canonical-user-id.html */
export const ownerOf = (account: AccountId): { ID: string } => ({
  ID: createHash('sha256').update(`canonical user ${account}`).digest('hex'),
});

/** S3's times have whole seconds. */
export const wholeSeconds = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000);

export const quoted = (etag: string): string => `"${etag}"`;
