import type { GetBucketTaggingCommandInput, GetBucketTaggingCommandOutput } from '@aws-sdk/client-s3';
import { PlatformError } from '../../util/errors.ts';
import { bucketAddress, onBucket } from './address.ts';
import { existingBucket } from './existing-bucket.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';
import { tagSet } from './tags.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html: no tags are an error. */
export const getBucketTagging = ({
  buckets,
}: S3Parts): S3Operation<GetBucketTaggingCommandInput, GetBucketTaggingCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:GetBucketTagging', input)],
  async run(context, input) {
    const { name, tags } = await existingBucket(buckets, bucketAddress(context, input));
    if (tags.length > 0) return { TagSet: tagSet(tags) };
    throw new PlatformError('not_found', 'The TagSet does not exist', {
      reason: 'NoSuchTagSet',
      facts: { BucketName: name },
    });
  },
});
