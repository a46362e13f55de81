import type { PutObjectCommandInput, PutObjectCommandOutput } from '@aws-sdk/client-s3';
import { tooLarge, uploadBytesMax } from '../../resources/bucket/write-blob.ts';
import { PlatformError } from '../../util/errors.ts';
import type { RequestPayload } from '../service.ts';
import { actorOf, objectAddress, onObject, quoted } from './address.ts';
import { algorithmOf, checksumMembers, checksumSource } from './checksum-members.ts';
import { writeConditions } from './conditions.ts';
import { descriptionOf } from './description.ts';
import { encryptionMembers, encryptionOf } from './encryption.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';
import { refuseUnsupported } from './unsupported.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export const putObject = (parts: S3Parts): S3Operation<PutObjectCommandInput, PutObjectCommandOutput> => ({
  access: (_context, input) => [
    onObject('s3:PutObject', input),
    ...(input.Tagging === undefined ? [] : [onObject('s3:PutObjectTagging', input)]),
  ],
  async run(context, input) {
    refuseUnsupported(input);
    const address = objectAddress(context, input);
    const conditions = writeConditions(input);
    const description = descriptionOf(input);
    assertAcceptableLength(context.payload);
    const checksum = checksumSource(context.payload, algorithmOf(input.ChecksumAlgorithm));
    const encryption = encryptionOf(parts, context, address, input);
    const stored = await parts.buckets.put(
      address,
      input.Body,
      { ...description, ...checksum, encryption, conditions },
      actorOf(context),
    );
    return {
      ETag: quoted(stored.etag),
      ...checksumMembers(stored.checksum),
      ...encryptionMembers(stored.encryption),
    };
  },
});

/** S3 wants to know beforehand how many bytes will come. */
export function assertAcceptableLength({ bytesExpected }: RequestPayload): void {
  if (bytesExpected === undefined) {
    throw new PlatformError('invalid_argument', 'You must provide the Content-Length HTTP header.', {
      reason: 'MissingContentLength',
    });
  }
  if (bytesExpected > uploadBytesMax) throw tooLarge(bytesExpected);
}
