import type { PutObjectTaggingCommandInput, PutObjectTaggingCommandOutput } from '@aws-sdk/client-s3';
import { actorOf, objectAddress, onObject } from './address.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';
import { parseTagSet } from './tags.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html */
export const putObjectTagging = ({
  buckets,
}: S3Parts): S3Operation<PutObjectTaggingCommandInput, PutObjectTaggingCommandOutput> => ({
  access: (_context, input) => [onObject('s3:PutObjectTagging', input)],
  async run(context, input) {
    await buckets.tag(objectAddress(context, input), parseTagSet(input.Tagging?.TagSet), actorOf(context));
    return {};
  },
});
