import type { GetObjectCommandInput, GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { objectAddress, onObject } from './address.ts';
import { withValidators } from './conditions.ts';
import { objectMembers, selectionOf } from './object-answer.ts';
import { keysOf } from './encryption.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export const getObject = (parts: S3Parts): S3Operation<GetObjectCommandInput, GetObjectCommandOutput> => ({
  access: (_context, input) => [onObject('s3:GetObject', input)],
  async run(context, input) {
    const selection = { ...selectionOf(input), keys: keysOf(parts, context, input) };
    const { body, bytes, ...selected } = await withValidators(() =>
      parts.buckets.get(objectAddress(context, input), selection),
    );
    return { ...objectMembers(selected, input), Body: body, ContentLength: bytes };
  },
});
