import type { ListMultipartUploadsCommandInput, ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3';
import { bucketAddress, onBucket, ownerOf, wholeSeconds } from './address.ts';
import { present } from './description.ts';
import { commonPrefixes, nameEncoder, pageLength } from './listing.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export const listMultipartUploads = ({
  buckets,
}: S3Parts): S3Operation<ListMultipartUploadsCommandInput, ListMultipartUploadsCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:ListBucketMultipartUploads', input)],
  async run(context, input) {
    const address = bucketAddress(context, input);
    const encode = nameEncoder(input.EncodingType);
    const limit = pageLength(input.MaxUploads, 'max-uploads');
    const { KeyMarker: key = '', UploadIdMarker: uploadId } = input;
    // An upload's id without a key means nothing.
    const after = key === '' ? undefined : { key, ...(uploadId === undefined || uploadId === '' ? {} : { uploadId }) };
    const options = { limit, ...present({ prefix: input.Prefix, delimiter: input.Delimiter, after }) };
    const { items, prefixes, next } = await buckets.uploads(address, options);
    const owner = ownerOf(context.account);
    return {
      Bucket: address.bucket,
      KeyMarker: encode(key),
      UploadIdMarker: uploadId ?? '',
      MaxUploads: limit,
      IsTruncated: next !== undefined,
      Uploads: items.map((upload) => ({
        Key: encode(upload.key),
        UploadId: upload.uploadId,
        Initiated: wholeSeconds(upload.createdMs),
        StorageClass: 'STANDARD',
        Owner: owner,
        Initiator: owner,
        ...present({ ChecksumAlgorithm: upload.checksumAlgorithm, ChecksumType: upload.checksumType }),
      })),
      CommonPrefixes: commonPrefixes(prefixes, encode),
      ...present({
        Prefix: input.Prefix === undefined ? undefined : encode(input.Prefix),
        Delimiter: input.Delimiter === undefined ? undefined : encode(input.Delimiter),
        EncodingType: input.EncodingType,
        NextKeyMarker: next === undefined ? undefined : encode(next.key),
        NextUploadIdMarker: next === undefined ? undefined : (next.uploadId ?? ''),
      }),
    };
  },
});
