import type {
  DeleteBucketEncryptionCommandInput,
  DeleteBucketEncryptionCommandOutput,
  GetBucketEncryptionCommandInput,
  GetBucketEncryptionCommandOutput,
  PutBucketEncryptionCommandInput,
  PutBucketEncryptionCommandOutput,
} from '@aws-sdk/client-s3';
import { PlatformError } from '../../util/errors.ts';
import { bucketAddress, onBucket } from './address.ts';
import { methodOf } from './encryption.ts';
import { existingBucket } from './existing-bucket.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html: it takes one rule. */
export const putBucketEncryption = ({
  buckets,
}: S3Parts): S3Operation<PutBucketEncryptionCommandInput, PutBucketEncryptionCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:PutEncryptionConfiguration', input)],
  async run(context, input) {
    const [rule, ...more] = input.ServerSideEncryptionConfiguration?.Rules ?? [];
    const { SSEAlgorithm: method, KMSMasterKeyID: keyId } = rule?.ApplyServerSideEncryptionByDefault ?? {};
    if (method === undefined || more.length > 0 || (keyId !== undefined && method !== 'aws:kms'))
      throw new PlatformError(
        'invalid_argument',
        'The XML you provided was not well-formed or did not validate against our published schema',
        { reason: 'MalformedXML' },
      );
    const encryption = methodOf(method, 'SSEAlgorithm', keyId, rule?.BucketKeyEnabled === true);
    await buckets.encryptBucket(bucketAddress(context, input), encryption);
    return {};
  },
});

/** What is not set up is an error; objects are then encrypted as each asks. */
export const getBucketEncryption = ({
  buckets,
}: S3Parts): S3Operation<GetBucketEncryptionCommandInput, GetBucketEncryptionCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:GetEncryptionConfiguration', input)],
  async run(context, input) {
    const { name, encryption } = await existingBucket(buckets, bucketAddress(context, input));
    if (encryption === undefined)
      throw new PlatformError('not_found', 'The server side encryption configuration was not found', {
        reason: 'ServerSideEncryptionConfigurationNotFoundError',
        facts: { BucketName: name },
      });
    const isKms = encryption.kind === 'kms';
    const method = {
      SSEAlgorithm: isKms ? ('aws:kms' as const) : ('AES256' as const),
      ...(isKms && encryption.keyId !== undefined && { KMSMasterKeyID: encryption.keyId }),
    };
    const BucketKeyEnabled = isKms && encryption.usesBucketKey;
    return {
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: method, BucketKeyEnabled }],
      },
    };
  },
});

export const deleteBucketEncryption = ({
  buckets,
}: S3Parts): S3Operation<DeleteBucketEncryptionCommandInput, DeleteBucketEncryptionCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:PutEncryptionConfiguration', input)],
  async run(context, input) {
    await buckets.encryptBucket(bucketAddress(context, input), undefined);
    return {};
  },
});
