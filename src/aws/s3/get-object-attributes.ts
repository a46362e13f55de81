import type {
  GetObjectAttributesCommandInput,
  GetObjectAttributesCommandOutput,
  GetObjectAttributesParts,
} from '@aws-sdk/client-s3';
import type { Part, StoredObject } from '../../resources/bucket.ts';
import { needed, objectAddress, onObject, wholeSeconds } from './address.ts';
import { checksumMember, checksumMembers } from './checksum-members.ts';
import { present } from './description.ts';
import { invalidArgument, pageLength, partMarker } from './listing.ts';
import { keysOf } from './encryption.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

const attributes: readonly string[] = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export const getObjectAttributes = (
  parts: S3Parts,
): S3Operation<GetObjectAttributesCommandInput, GetObjectAttributesCommandOutput> => ({
  access: (_context, input) => [onObject('s3:GetObject', input), onObject('s3:GetObjectAttributes', input)],
  async run(context, input) {
    const wanted = needed(input.ObjectAttributes, 'ObjectAttributes');
    for (const name of wanted) {
      if (!attributes.includes(name))
        throw invalidArgument(
          'x-amz-object-attributes',
          name,
          `Invalid attribute name specified: expected some of ${attributes.join(', ')}.`,
        );
    }
    const address = objectAddress(context, input);
    const { object } = await parts.buckets.head(address, { keys: keysOf(parts, context, input) });
    const objectParts = wanted.includes('ObjectParts') ? await parts.buckets.objectParts(address) : undefined;
    const { ChecksumType, ...checksum } = checksumMembers(object.checksum);
    return {
      LastModified: wholeSeconds(object.modifiedMs),
      ...present({
        // Here, and only here, without quotes.
        ETag: wanted.includes('ETag') ? object.etag : undefined,
        Checksum: wanted.includes('Checksum') && ChecksumType !== undefined ? { ...checksum, ChecksumType } : undefined,
        ObjectParts: objectParts === undefined ? undefined : partsPage(object, objectParts, input),
        StorageClass: wanted.includes('StorageClass') ? ('STANDARD' as const) : undefined,
        ObjectSize: wanted.includes('ObjectSize') ? object.bytes : undefined,
      }),
    };
  },
});

function partsPage(
  { checksum }: StoredObject,
  parts: readonly Part[],
  input: Pick<GetObjectAttributesCommandInput, 'MaxParts' | 'PartNumberMarker'>,
): GetObjectAttributesParts {
  // S3 tells of single parts only where they have checksums of their own.
  if (checksum === undefined) return { TotalPartsCount: parts.length };
  const limit = pageLength(input.MaxParts, 'max-parts');
  const after = partMarker(input.PartNumberMarker);
  const page = parts.slice(after, after + limit);
  const isTruncated = after + page.length < parts.length;
  return {
    TotalPartsCount: parts.length,
    PartNumberMarker: String(after),
    MaxParts: limit,
    IsTruncated: isTruncated,
    Parts: page.map((part) => ({
      PartNumber: part.number,
      Size: part.bytes,
      ...checksumMember(checksum.algorithm, part.checksum),
    })),
    ...(isTruncated ? { NextPartNumberMarker: String(after + page.length) } : {}),
  };
}
