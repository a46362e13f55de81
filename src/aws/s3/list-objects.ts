import type { ListObjectsCommandInput, ListObjectsCommandOutput } from '@aws-sdk/client-s3';
import { bucketAddress, needed, onListing, ownerOf } from './address.ts';
import { present } from './description.ts';
import { listedObject } from './listed-object.ts';
import { commonPrefixes, nameEncoder, pageLength } from './listing.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** The first version: positions are keys. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export const listObjects = ({ buckets }: S3Parts): S3Operation<ListObjectsCommandInput, ListObjectsCommandOutput> => ({
  access: (_context, input) => [onListing('s3:ListBucket', input)],
  async run(context, input) {
    const encode = nameEncoder(input.EncodingType);
    const limit = pageLength(input.MaxKeys, 'max-keys');
    const { items, prefixes, next } = await buckets.objects(bucketAddress(context, input), {
      limit,
      ...present({ prefix: input.Prefix, delimiter: input.Delimiter, after: input.Marker }),
    });
    const owner = ownerOf(context.account);
    return {
      Name: needed(input.Bucket, 'Bucket'),
      Prefix: encode(input.Prefix ?? ''),
      Marker: encode(input.Marker ?? ''),
      MaxKeys: limit,
      IsTruncated: next !== undefined,
      Contents: items.map((object) => ({ ...listedObject(object, encode), Owner: owner })),
      CommonPrefixes: commonPrefixes(prefixes, encode),
      ...present({
        Delimiter: input.Delimiter === undefined ? undefined : encode(input.Delimiter),
        EncodingType: input.EncodingType,
        // Without a delimiter the last key says where to go on.
        NextMarker: next === undefined || input.Delimiter === undefined ? undefined : encode(next),
      }),
    };
  },
});
