import type {
  CompletedPart as SdkPart,
  CompleteMultipartUploadCommandInput,
  CompleteMultipartUploadCommandOutput,
} from '@aws-sdk/client-s3';
import type { CompletedPart } from '../../resources/bucket.ts';
import { actorOf, needed, onObject, quoted, uploadAddress } from './address.ts';
import { checksumMembers, givenChecksum } from './checksum-members.ts';
import { writeConditions } from './conditions.ts';
import { present } from './description.ts';
import { encryptionMembers } from './encryption.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export const completeMultipartUpload = ({
  buckets,
}: S3Parts): S3Operation<CompleteMultipartUploadCommandInput, CompleteMultipartUploadCommandOutput> => ({
  access: (_context, input) => [onObject('s3:PutObject', input)],
  async run(context, input) {
    const address = uploadAddress(context, input);
    const parts = (input.MultipartUpload?.Parts ?? []).map(completedPart);
    const expected = present({ bytes: input.MpuObjectSize, checksum: givenChecksum(input)?.value });
    const stored = await buckets.completeUpload(
      address,
      parts,
      { conditions: writeConditions(input), ...expected },
      actorOf(context),
    );
    return {
      Location: `${context.endpoint}/${address.bucket}/${encodeURIComponent(address.key)}`,
      Bucket: address.bucket,
      Key: address.key,
      ETag: quoted(stored.etag),
      ...checksumMembers(stored.checksum),
      ...encryptionMembers(stored.encryption),
    };
  },
});

function completedPart(part: SdkPart): CompletedPart {
  const checksum = givenChecksum(part)?.value;
  return { number: needed(part.PartNumber, 'PartNumber'), etag: part.ETag ?? '', ...present({ checksum }) };
}
