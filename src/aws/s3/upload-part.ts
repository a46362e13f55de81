import type { UploadPartCommandInput, UploadPartCommandOutput } from '@aws-sdk/client-s3';
import { needed, onObject, quoted, uploadAddress } from './address.ts';
import { algorithmOf, checksumMember, checksumSource } from './checksum-members.ts';
import { assertAcceptableLength } from './put-object.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';
import { refuseUnsupported } from './unsupported.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export const uploadPart = ({ buckets }: S3Parts): S3Operation<UploadPartCommandInput, UploadPartCommandOutput> => ({
  access: (_context, input) => [onObject('s3:PutObject', input)],
  async run(context, input) {
    refuseUnsupported(input);
    assertAcceptableLength(context.payload);
    const options = checksumSource(context.payload, algorithmOf(input.ChecksumAlgorithm));
    const number = needed(input.PartNumber, 'PartNumber');
    const part = await buckets.uploadPart(uploadAddress(context, input), number, input.Body, options);
    return {
      ETag: quoted(part.etag),
      ...(options.checksum === undefined ? {} : checksumMember(options.checksum.algorithm, part.checksum)),
    };
  },
});
