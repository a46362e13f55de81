import type { UploadPartCopyCommandInput, UploadPartCopyCommandOutput } from '@aws-sdk/client-s3';
import { needed, onObject, quoted, uploadAddress, wholeSeconds } from './address.ts';
import { checksumMember } from './checksum-members.ts';
import { copySourceConditions } from './conditions.ts';
import { copySourceAddress, parseCopySource } from './copy-source.ts';
import { present } from './description.ts';
import { parseCopyRange } from './range-header.ts';
import { encryptionMembers, keysOf, sourceKeysOf } from './encryption.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export const uploadPartCopy = (
  parts: S3Parts,
): S3Operation<UploadPartCopyCommandInput, UploadPartCopyCommandOutput> => ({
  access: (_context, input) => [
    onObject('s3:GetObject', parseCopySource(input.CopySource)),
    onObject('s3:PutObject', input),
  ],
  async run(context, input) {
    const source = copySourceAddress(parts.buckets, context, input);
    const target = uploadAddress(context, input);
    const selection = {
      conditions: copySourceConditions(input),
      ...present({ range: parseCopyRange(input.CopySourceRange) }),
      keys: sourceKeysOf(parts, context, input),
    };
    const number = needed(input.PartNumber, 'PartNumber');
    const part = await parts.buckets.copyPart(source, selection, target, number, keysOf(parts, context, input));
    const upload = await parts.buckets.upload(target);
    const algorithm = upload?.checksumAlgorithm;
    return {
      ...encryptionMembers(upload?.encryption),
      CopyPartResult: {
        ETag: quoted(part.etag),
        LastModified: wholeSeconds(part.modifiedMs),
        ...(algorithm === undefined ? {} : checksumMember(algorithm, part.checksum)),
      },
    };
  },
});
