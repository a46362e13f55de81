import type { DeleteObjectCommandInput, DeleteObjectCommandOutput } from '@aws-sdk/client-s3';
import { actorOf, objectAddress, onObject } from './address.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';
import { notImplemented } from './unsupported.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html: that there was nothing is a success. */
export const deleteObject = ({
  buckets,
}: S3Parts): S3Operation<DeleteObjectCommandInput, DeleteObjectCommandOutput> => ({
  access: (_context, input) => [onObject('s3:DeleteObject', input)],
  async run(context, input) {
    // Conditions of directory buckets only.
    if (input.IfMatchSize !== undefined) throw notImplemented('x-amz-if-match-size');
    if (input.IfMatchLastModifiedTime !== undefined) throw notImplemented('x-amz-if-match-last-modified-time');
    const conditions = input.IfMatch === undefined ? {} : { ifMatch: input.IfMatch };
    await buckets.remove(objectAddress(context, input), conditions, actorOf(context));
    return {};
  },
});
