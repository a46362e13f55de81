import type { GetBucketLocationCommandInput, GetBucketLocationCommandOutput } from '@aws-sdk/client-s3';
import { bucketAddress, onBucket } from './address.ts';
import { existingBucket } from './existing-bucket.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** The SDK knows AWS's own regions only. */
type Output = Omit<GetBucketLocationCommandOutput, 'LocationConstraint'> & { LocationConstraint?: string };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html: us-east-1 is said by saying nothing. */
export const getBucketLocation = ({ buckets }: S3Parts): S3Operation<GetBucketLocationCommandInput, Output> => ({
  access: (_context, input) => [onBucket('s3:GetBucketLocation', input)],
  async run(context, input) {
    await existingBucket(buckets, bucketAddress(context, input));
    return context.region === 'us-east-1' ? {} : { LocationConstraint: context.region };
  },
});
