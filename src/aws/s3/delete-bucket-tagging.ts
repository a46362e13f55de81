import type { DeleteBucketTaggingCommandInput, DeleteBucketTaggingCommandOutput } from '@aws-sdk/client-s3';
import { bucketAddress, onBucket } from './address.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html */
export const deleteBucketTagging = ({
  buckets,
}: S3Parts): S3Operation<DeleteBucketTaggingCommandInput, DeleteBucketTaggingCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:PutBucketTagging', input)],
  async run(context, input) {
    await buckets.tagBucket(bucketAddress(context, input), []);
    return {};
  },
});
