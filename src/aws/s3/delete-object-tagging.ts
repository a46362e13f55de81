import type { DeleteObjectTaggingCommandInput, DeleteObjectTaggingCommandOutput } from '@aws-sdk/client-s3';
import { actorOf, objectAddress, onObject } from './address.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html */
export const deleteObjectTagging = ({
  buckets,
}: S3Parts): S3Operation<DeleteObjectTaggingCommandInput, DeleteObjectTaggingCommandOutput> => ({
  access: (_context, input) => [onObject('s3:DeleteObjectTagging', input)],
  async run(context, input) {
    await buckets.tag(objectAddress(context, input), undefined, actorOf(context));
    return {};
  },
});
