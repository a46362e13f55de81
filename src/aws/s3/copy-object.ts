import type { CopyObjectCommandInput, CopyObjectCommandOutput } from '@aws-sdk/client-s3';
import type { CopyOptions, ObjectAddress } from '../../resources/bucket.ts';
import { PlatformError } from '../../util/errors.ts';
import { actorOf, objectAddress, onObject, quoted, wholeSeconds } from './address.ts';
import { algorithmOf, checksumMembers } from './checksum-members.ts';
import { copySourceConditions, writeConditions } from './conditions.ts';
import { copySourceAddress, parseCopySource } from './copy-source.ts';
import { descriptionOf } from './description.ts';
import { encryptionMembers, encryptionOf, sourceKeysOf } from './encryption.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';
import { refuseUnsupported } from './unsupported.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const copyObject = (parts: S3Parts): S3Operation<CopyObjectCommandInput, CopyObjectCommandOutput> => ({
  access: (_context, input) => [
    onObject('s3:GetObject', parseCopySource(input.CopySource)),
    onObject('s3:PutObject', input),
    ...(input.TaggingDirective === 'REPLACE' ? [onObject('s3:PutObjectTagging', input)] : []),
  ],
  async run(context, input) {
    refuseUnsupported(input);
    const source = copySourceAddress(parts.buckets, context, input);
    const target = objectAddress(context, input);
    assertChangesSomething(source, target, input);
    const options = {
      ...copyOptions(input),
      encryption: encryptionOf(parts, context, target, input),
      sourceKeys: sourceKeysOf(parts, context, input),
    };
    const copied = await parts.buckets.copy(source, target, options, actorOf(context));
    return {
      ...encryptionMembers(copied.encryption),
      CopyObjectResult: {
        ETag: quoted(copied.etag),
        LastModified: wholeSeconds(copied.modifiedMs),
        ...checksumMembers(copied.checksum),
      },
    };
  },
});

function copyOptions(input: CopyObjectCommandInput): CopyOptions {
  const { headers, metadata, tags } = descriptionOf(input);
  const checksumAlgorithm = algorithmOf(input.ChecksumAlgorithm);
  return {
    conditions: writeConditions(input),
    sourceConditions: copySourceConditions(input),
    ...(input.MetadataDirective === 'REPLACE' ? { headers, metadata } : {}),
    ...(input.TaggingDirective === 'REPLACE' ? { tags } : {}),
    ...(checksumAlgorithm === undefined ? {} : { checksumAlgorithm }),
  };
}

function assertChangesSomething(source: ObjectAddress, target: ObjectAddress, input: CopyObjectCommandInput): void {
  const isSame = source.account === target.account && source.bucket === target.bucket && source.key === target.key;
  if (
    !isSame ||
    input.MetadataDirective === 'REPLACE' ||
    input.TaggingDirective === 'REPLACE' ||
    input.ChecksumAlgorithm !== undefined ||
    input.ServerSideEncryption !== undefined ||
    input.SSECustomerAlgorithm !== undefined
  )
    return;
  throw new PlatformError(
    'invalid_argument',
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    { reason: 'InvalidRequest' },
  );
}
