import type { GetObjectTaggingCommandInput, GetObjectTaggingCommandOutput } from '@aws-sdk/client-s3';
import { objectAddress, onObject } from './address.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';
import { tagSet } from './tags.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html */
export const getObjectTagging = ({
  buckets,
}: S3Parts): S3Operation<GetObjectTaggingCommandInput, GetObjectTaggingCommandOutput> => ({
  access: (_context, input) => [onObject('s3:GetObjectTagging', input)],
  async run(context, input) {
    const { object } = await buckets.head(objectAddress(context, input));
    return { TagSet: tagSet(object.tags) };
  },
});
