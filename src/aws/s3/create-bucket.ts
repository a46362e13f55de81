import type { CreateBucketCommandInput, CreateBucketCommandOutput } from '@aws-sdk/client-s3';
import { PlatformError } from '../../util/errors.ts';
import { bucketAddress, onBucket } from './address.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';
import { bucketTagsMax, parseTagSet } from './tags.ts';
import { notImplemented, refuseUnsupported } from './unsupported.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export const createBucket = ({
  buckets,
}: S3Parts): S3Operation<CreateBucketCommandInput, CreateBucketCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:CreateBucket', input)],
  async run(context, input) {
    refuseUnsupported(input);
    if (input.ObjectLockEnabledForBucket === true) throw notImplemented('x-amz-bucket-object-lock-enabled');
    if (input.ObjectOwnership !== undefined && input.ObjectOwnership !== 'BucketOwnerEnforced')
      throw notImplemented('x-amz-object-ownership');
    const configuration = input.CreateBucketConfiguration;
    if (configuration?.Bucket !== undefined || configuration?.Location !== undefined) {
      throw new PlatformError('not_implemented', 'Directory buckets are not built.', { reason: 'NotImplemented' });
    }
    assertLocation(configuration?.LocationConstraint, context.region);
    const tags = parseTagSet(configuration?.Tags, bucketTagsMax);
    const address = bucketAddress(context, input);
    const outcome = await buckets.create(address);
    // Making one's own bucket again is refused everywhere but in the oldest region.
    if (outcome === 'exists' && context.region !== 'us-east-1') {
      throw new PlatformError(
        'already_exists',
        'Your previous request to create the named bucket succeeded and you already own it.',
        { reason: 'BucketAlreadyOwnedByYou', facts: { BucketName: address.bucket } },
      );
    }
    if (outcome === 'created' && tags.length > 0) await buckets.tagBucket(address, tags);
    return { Location: `/${address.bucket}`, BucketArn: `arn:aws:s3:::${address.bucket}` };
  },
});

/** us-east-1 is named by leaving it out; every other region must be named. */
function assertLocation(constraint: string | undefined, region: string): void {
  if (constraint === (region === 'us-east-1' ? undefined : region)) return;
  if (constraint === undefined) {
    throw new PlatformError(
      'invalid_argument',
      'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
      { reason: 'IllegalLocationConstraintException' },
    );
  }
  const isThisRegion = constraint === region;
  throw new PlatformError(
    'invalid_argument',
    isThisRegion
      ? 'The specified location-constraint is not valid: us-east-1 is meant by giving none.'
      : `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to: buckets here are in ${region}.`,
    {
      reason: isThisRegion ? 'InvalidLocationConstraint' : 'IllegalLocationConstraintException',
      facts: { LocationConstraint: constraint },
    },
  );
}
