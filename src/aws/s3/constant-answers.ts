/**
 * The configurations of a bucket that can only be read, because there is one way in which things are here. Tools ask for
 * them (Terraform, consoles); the answers are what is the case, or S3's own error for "not configured".
 */
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { bucketAddress, objectAddress, onBucket, onObject, ownerOf } from './address.ts';
import { existingBucket } from './existing-bucket.ts';
import type { S3Parts } from './s3-operation.ts';

type BucketInput = { Bucket?: string | undefined; ExpectedBucketOwner?: string | undefined };
type ObjectInput = BucketInput & { Key?: string | undefined; VersionId?: string | undefined };

const ownerGrant = (account: AccountId): object => {
  const owner = ownerOf(account);
  return { Owner: owner, Grants: [{ Grantee: { ...owner, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }] };
};

/** The codes of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and the actions of the same service's authorization reference. */
export function constantAnswers({ buckets }: S3Parts) {
  const always = (action: string, answer: (context: AwsContext) => object): OperationEntry => ({
    access: (_context, input: BucketInput) => [onBucket(action, input)],
    async run(context, input: BucketInput) {
      await existingBucket(buckets, bucketAddress(context, input));
      return answer(context);
    },
  });
  const never = (action: string, code: string, message: string): OperationEntry =>
    always(action, () => {
      throw new PlatformError('not_found', message, { reason: code });
    });
  return {
    GetBucketVersioning: always('s3:GetBucketVersioning', () => ({})),
    GetBucketAccelerateConfiguration: always('s3:GetAccelerateConfiguration', () => ({})),
    GetBucketLogging: always('s3:GetBucketLogging', () => ({})),
    GetBucketRequestPayment: always('s3:GetBucketRequestPayment', () => ({ Payer: 'BucketOwner' })),
    GetBucketAcl: always('s3:GetBucketAcl', ({ account }) => ownerGrant(account)),
    GetObjectAcl: {
      access: (_context, input: ObjectInput) => [onObject('s3:GetObjectAcl', input)],
      async run(context: AwsContext, input: ObjectInput) {
        await buckets.head(objectAddress(context, input));
        return ownerGrant(context.account);
      },
    } satisfies OperationEntry,
    GetBucketCors: never('s3:GetBucketCORS', 'NoSuchCORSConfiguration', 'The CORS configuration does not exist'),
    GetBucketLifecycleConfiguration: never(
      's3:GetLifecycleConfiguration',
      'NoSuchLifecycleConfiguration',
      'The lifecycle configuration does not exist',
    ),
    GetBucketReplication: never(
      's3:GetReplicationConfiguration',
      'ReplicationConfigurationNotFoundError',
      'The replication configuration was not found',
    ),
    GetBucketWebsite: never(
      's3:GetBucketWebsite',
      'NoSuchWebsiteConfiguration',
      'The specified bucket does not have a website configuration',
    ),
    GetObjectLockConfiguration: never(
      's3:GetBucketObjectLockConfiguration',
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
    ),
  };
}
