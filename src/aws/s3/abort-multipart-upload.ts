import type { AbortMultipartUploadCommandInput, AbortMultipartUploadCommandOutput } from '@aws-sdk/client-s3';
import { onObject, uploadAddress } from './address.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';
import { notImplemented } from './unsupported.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export const abortMultipartUpload = ({
  buckets,
}: S3Parts): S3Operation<AbortMultipartUploadCommandInput, AbortMultipartUploadCommandOutput> => ({
  access: (_context, input) => [onObject('s3:AbortMultipartUpload', input)],
  async run(context, input) {
    // A condition of directory buckets only.
    if (input.IfMatchInitiatedTime !== undefined) throw notImplemented('x-amz-if-match-initiated-time');
    await buckets.abortUpload(uploadAddress(context, input));
    return {};
  },
});
