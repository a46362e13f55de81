import type { ListObjectsV2CommandInput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { bucketAddress, needed, onListing, ownerOf } from './address.ts';
import { commonPrefixes, decodeToken, encodeToken, nameEncoder, pageLength } from './listing.ts';
import { present } from './description.ts';
import { listedObject } from './listed-object.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const listObjectsV2 = ({
  buckets,
}: S3Parts): S3Operation<ListObjectsV2CommandInput, ListObjectsV2CommandOutput> => ({
  access: (_context, input) => [onListing('s3:ListBucket', input)],
  async run(context, input) {
    const encode = nameEncoder(input.EncodingType);
    const limit = pageLength(input.MaxKeys, 'max-keys');
    const after = decodeToken(input.ContinuationToken) ?? input.StartAfter;
    const { items, prefixes, next } = await buckets.objects(bucketAddress(context, input), {
      limit,
      ...present({ prefix: input.Prefix, delimiter: input.Delimiter, after }),
    });
    const owner = input.FetchOwner === true ? { Owner: ownerOf(context.account) } : {};
    return {
      Name: needed(input.Bucket, 'Bucket'),
      Prefix: encode(input.Prefix ?? ''),
      MaxKeys: limit,
      KeyCount: items.length + prefixes.length,
      IsTruncated: next !== undefined,
      Contents: items.map((object) => ({ ...listedObject(object, encode), ...owner })),
      CommonPrefixes: commonPrefixes(prefixes, encode),
      ...present({
        Delimiter: input.Delimiter === undefined ? undefined : encode(input.Delimiter),
        StartAfter: input.StartAfter === undefined ? undefined : encode(input.StartAfter),
        EncodingType: input.EncodingType,
        ContinuationToken: input.ContinuationToken,
        NextContinuationToken: next === undefined ? undefined : encodeToken(next),
      }),
    };
  },
});
