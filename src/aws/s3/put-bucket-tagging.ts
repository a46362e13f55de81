import type { PutBucketTaggingCommandInput, PutBucketTaggingCommandOutput } from '@aws-sdk/client-s3';
import { bucketAddress, onBucket } from './address.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';
import { bucketTagsMax, parseTagSet } from './tags.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html */
export const putBucketTagging = ({
  buckets,
}: S3Parts): S3Operation<PutBucketTaggingCommandInput, PutBucketTaggingCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:PutBucketTagging', input)],
  async run(context, input) {
    await buckets.tagBucket(bucketAddress(context, input), parseTagSet(input.Tagging?.TagSet, bucketTagsMax));
    return {};
  },
});
