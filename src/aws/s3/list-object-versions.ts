import type { ListObjectVersionsCommandInput, ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
import { bucketAddress, needed, onListing, ownerOf } from './address.ts';
import { present } from './description.ts';
import { listedObject } from './listed-object.ts';
import { commonPrefixes, nameEncoder, pageLength } from './listing.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** Of a bucket without versioning: each object in its one version, `null`. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export const listObjectVersions = ({
  buckets,
}: S3Parts): S3Operation<ListObjectVersionsCommandInput, ListObjectVersionsCommandOutput> => ({
  access: (_context, input) => [onListing('s3:ListBucketVersions', input)],
  async run(context, input) {
    const encode = nameEncoder(input.EncodingType);
    const limit = pageLength(input.MaxKeys, 'max-keys');
    const { items, prefixes, next } = await buckets.objects(bucketAddress(context, input), {
      limit,
      ...present({ prefix: input.Prefix, delimiter: input.Delimiter, after: input.KeyMarker }),
    });
    const owner = ownerOf(context.account);
    return {
      Name: needed(input.Bucket, 'Bucket'),
      Prefix: encode(input.Prefix ?? ''),
      KeyMarker: encode(input.KeyMarker ?? ''),
      VersionIdMarker: input.VersionIdMarker ?? '',
      MaxKeys: limit,
      IsTruncated: next !== undefined,
      Versions: items.map((object) => ({
        ...listedObject(object, encode),
        StorageClass: 'STANDARD',
        VersionId: 'null',
        IsLatest: true,
        Owner: owner,
      })),
      CommonPrefixes: commonPrefixes(prefixes, encode),
      ...present({
        Delimiter: input.Delimiter === undefined ? undefined : encode(input.Delimiter),
        EncodingType: input.EncodingType,
        NextKeyMarker: next === undefined ? undefined : encode(next),
        NextVersionIdMarker: next === undefined ? undefined : 'null',
      }),
    };
  },
});
