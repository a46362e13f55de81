import type { CreateMultipartUploadCommandInput, CreateMultipartUploadCommandOutput } from '@aws-sdk/client-s3';
import { checksumTypes } from '../../resources/bucket/checksum.ts';
import type { ChecksumType } from '../../resources/bucket/checksum.ts';
import type { ChecksumAlgorithm } from '../../util/checksum.ts';
import { PlatformError } from '../../util/errors.ts';
import { objectAddress, onObject } from './address.ts';
import { algorithmOf } from './checksum-members.ts';
import { descriptionOf, present } from './description.ts';
import { encryptionMembers, encryptionOf } from './encryption.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';
import { refuseUnsupported } from './unsupported.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export const createMultipartUpload = (
  parts: S3Parts,
): S3Operation<CreateMultipartUploadCommandInput, CreateMultipartUploadCommandOutput> => ({
  access: (_context, input) => [
    onObject('s3:PutObject', input),
    ...(input.Tagging === undefined ? [] : [onObject('s3:PutObjectTagging', input)]),
  ],
  async run(context, input) {
    refuseUnsupported(input);
    const address = objectAddress(context, input);
    const algorithm = algorithmOf(input.ChecksumAlgorithm);
    const type = checksumType(algorithm, input.ChecksumType);
    const checksum = present({ checksumAlgorithm: algorithm, checksumType: type });
    const encryption = encryptionOf(parts, context, address, input);
    const description = descriptionOf(input);
    const upload = await parts.buckets.createUpload(address, { ...description, ...checksum, encryption });
    return {
      Bucket: address.bucket,
      Key: address.key,
      UploadId: upload.uploadId,
      ...present({ ChecksumAlgorithm: upload.checksumAlgorithm, ChecksumType: upload.checksumType }),
      ...encryptionMembers(upload.encryption),
    };
  },
});

function checksumType(algorithm: ChecksumAlgorithm | undefined, named: string | undefined): ChecksumType | undefined {
  if (named === undefined) return undefined;
  if (algorithm === undefined) {
    throw new PlatformError(
      'invalid_argument',
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
      {
        reason: 'InvalidRequest',
      },
    );
  }
  const type = checksumTypes[algorithm].find((possible) => possible === named);
  if (type !== undefined) return type;
  throw new PlatformError(
    'invalid_argument',
    `The ${named} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    {
      reason: 'InvalidRequest',
    },
  );
}
