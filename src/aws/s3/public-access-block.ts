/** What keeps a bucket from being public, whatever its policy says. */
import type {
  DeletePublicAccessBlockCommandInput,
  DeletePublicAccessBlockCommandOutput,
  GetPublicAccessBlockCommandInput,
  GetPublicAccessBlockCommandOutput,
  PutPublicAccessBlockCommandInput,
  PutPublicAccessBlockCommandOutput,
} from '@aws-sdk/client-s3';
import { PlatformError } from '../../util/errors.ts';
import { bucketAddress, onBucket } from './address.ts';
import { existingBucket } from './existing-bucket.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** What is left out is off. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html */
export const putPublicAccessBlock = ({
  buckets,
}: S3Parts): S3Operation<PutPublicAccessBlockCommandInput, PutPublicAccessBlockCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:PutBucketPublicAccessBlock', input)],
  async run(context, input) {
    const wanted = input.PublicAccessBlockConfiguration ?? {};
    const publicAccess = {
      blocksAcls: wanted.BlockPublicAcls === true,
      ignoresAcls: wanted.IgnorePublicAcls === true,
      blocksPolicies: wanted.BlockPublicPolicy === true,
      restrictsBucket: wanted.RestrictPublicBuckets === true,
    };
    await buckets.changeAccess(bucketAddress(context, input), (access) => ({ ...access, publicAccess }));
    return {};
  },
});

export const getPublicAccessBlock = ({
  buckets,
}: S3Parts): S3Operation<GetPublicAccessBlockCommandInput, GetPublicAccessBlockCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:GetBucketPublicAccessBlock', input)],
  async run(context, input) {
    const { name, access } = await existingBucket(buckets, bucketAddress(context, input));
    const { publicAccess } = access;
    if (publicAccess === undefined)
      throw new PlatformError('not_found', 'The public access block configuration was not found', {
        reason: 'NoSuchPublicAccessBlockConfiguration',
        facts: { BucketName: name },
      });
    return {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: publicAccess.blocksAcls,
        IgnorePublicAcls: publicAccess.ignoresAcls,
        BlockPublicPolicy: publicAccess.blocksPolicies,
        RestrictPublicBuckets: publicAccess.restrictsBucket,
      },
    };
  },
});

/** It may be done again. AWS asks for the permission to put one. */
export const deletePublicAccessBlock = ({
  buckets,
}: S3Parts): S3Operation<DeletePublicAccessBlockCommandInput, DeletePublicAccessBlockCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:PutBucketPublicAccessBlock', input)],
  async run(context, input) {
    await buckets.changeAccess(bucketAddress(context, input), (access) => {
      const { publicAccess: _, ...rest } = access;
      return rest;
    });
    return {};
  },
});
