import type { ListPartsCommandInput, ListPartsCommandOutput } from '@aws-sdk/client-s3';
import { onObject, ownerOf, quoted, uploadAddress, wholeSeconds } from './address.ts';
import { checksumMember } from './checksum-members.ts';
import { present } from './description.ts';
import { existingUpload } from './existing-upload.ts';
import { pageLength, partMarker } from './listing.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export const listParts = ({ buckets }: S3Parts): S3Operation<ListPartsCommandInput, ListPartsCommandOutput> => ({
  access: (_context, input) => [onObject('s3:ListMultipartUploadParts', input)],
  async run(context, input) {
    const address = uploadAddress(context, input);
    const limit = pageLength(input.MaxParts, 'max-parts');
    const after = partMarker(input.PartNumberMarker);
    const { checksumAlgorithm, checksumType } = await existingUpload(buckets, address);
    const { parts, next } = await buckets.parts(address, { after, limit });
    const owner = ownerOf(context.account);
    return {
      Bucket: address.bucket,
      Key: address.key,
      UploadId: address.uploadId,
      PartNumberMarker: String(after),
      MaxParts: limit,
      IsTruncated: next !== undefined,
      StorageClass: 'STANDARD',
      Owner: owner,
      Initiator: owner,
      Parts: parts.map(({ number, bytes, etag, modifiedMs, checksum }) => ({
        PartNumber: number,
        Size: bytes,
        ETag: quoted(etag),
        LastModified: wholeSeconds(modifiedMs),
        ...(checksumAlgorithm === undefined ? {} : checksumMember(checksumAlgorithm, checksum)),
      })),
      ...present({
        NextPartNumberMarker: next === undefined ? undefined : String(next),
        ChecksumAlgorithm: checksumAlgorithm,
        ChecksumType: checksumType,
      }),
    };
  },
});
