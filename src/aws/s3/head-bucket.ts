import type { HeadBucketCommandInput, HeadBucketCommandOutput } from '@aws-sdk/client-s3';
import { bucketAddress, onBucket } from './address.ts';
import { existingBucket } from './existing-bucket.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export const headBucket = ({ buckets }: S3Parts): S3Operation<HeadBucketCommandInput, HeadBucketCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:ListBucket', input)],
  async run(context, input) {
    const { name } = await existingBucket(buckets, bucketAddress(context, input));
    return { BucketRegion: context.region, AccessPointAlias: false, BucketArn: `arn:aws:s3:::${name}` };
  },
});
