import type { UploadPartCommandInput, UploadPartCommandOutput } from '@aws-sdk/client-s3';
import { needed, onObject, quoted, uploadAddress } from './address.ts';
import { algorithmOf, checksumMember, checksumSource } from './checksum-members.ts';
import { assertAcceptableLength } from './put-object.ts';
import { encryptionMembers, keysOf } from './encryption.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export const uploadPart = (parts: S3Parts): S3Operation<UploadPartCommandInput, UploadPartCommandOutput> => ({
  access: (_context, input) => [onObject('s3:PutObject', input)],
  async run(context, input) {
    assertAcceptableLength(context.payload);
    const options = checksumSource(context.payload, algorithmOf(input.ChecksumAlgorithm));
    const number = needed(input.PartNumber, 'PartNumber');
    const address = uploadAddress(context, input);
    const keys = keysOf(parts, context, input);
    const part = await parts.buckets.uploadPart(address, number, input.Body, { ...options, keys });
    return {
      ...encryptionMembers((await parts.buckets.upload(address))?.encryption),
      ETag: quoted(part.etag),
      ...(options.checksum === undefined ? {} : checksumMember(options.checksum.algorithm, part.checksum)),
    };
  },
});
