import type { HeadObjectCommandInput, HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { objectAddress, onObject } from './address.ts';
import { withValidators } from './conditions.ts';
import { objectMembers, selectionOf } from './object-answer.ts';
import { keysOf } from './encryption.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export const headObject = (parts: S3Parts): S3Operation<HeadObjectCommandInput, HeadObjectCommandOutput> => ({
  access: (_context, input) => [onObject('s3:GetObject', input)],
  async run(context, input) {
    const selection = { ...selectionOf(input), keys: keysOf(parts, context, input) };
    return objectMembers(
      await withValidators(() => parts.buckets.head(objectAddress(context, input), selection)),
      input,
    );
  },
});
