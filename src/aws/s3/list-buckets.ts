import type { ListBucketsCommandInput, ListBucketsCommandOutput } from '@aws-sdk/client-s3';
import { ownerOf } from './address.ts';
import { present } from './description.ts';
import { decodeToken, encodeToken, invalidArgument } from './listing.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
const bucketsMax = 10_000;

export const listBuckets = ({ buckets }: S3Parts): S3Operation<ListBucketsCommandInput, ListBucketsCommandOutput> => ({
  access: () => [{ action: 's3:ListAllMyBuckets', resource: '*' }],
  async run(context, input) {
    const limit = input.MaxBuckets ?? bucketsMax;
    if (!Number.isInteger(limit) || limit < 1 || limit > bucketsMax) {
      throw invalidArgument(
        'max-buckets',
        String(limit),
        `Argument max-buckets must be an integer between 1 and ${bucketsMax}`,
      );
    }
    const Owner = ownerOf(context.account);
    // Every bucket is in the platform's one region.
    if (input.BucketRegion !== undefined && input.BucketRegion !== context.region) return { Buckets: [], Owner };
    const after = decodeToken(input.ContinuationToken);
    const { items, next } = await buckets.list(context.account, { limit, ...present({ prefix: input.Prefix, after }) });
    // The region is named, and the prefix repeated, for those who use the newer, paged form.
    const isPaged = input.MaxBuckets !== undefined || input.Prefix !== undefined || input.BucketRegion !== undefined;
    return {
      Buckets: items.map(({ name, createdMs }) => ({
        Name: name,
        CreationDate: new Date(createdMs),
        ...(isPaged ? { BucketRegion: context.region } : {}),
      })),
      Owner,
      ...present({ Prefix: input.Prefix, ContinuationToken: next === undefined ? undefined : encodeToken(next) }),
    };
  },
});
