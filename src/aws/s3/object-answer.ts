/** What GetObject and HeadObject have in common. */
import type { GetObjectCommandOutput, HeadObjectCommandInput } from '@aws-sdk/client-s3';
import type { Selected, Selection } from '../../resources/bucket.ts';
import { PlatformError } from '../../util/errors.ts';
import { quoted, wholeSeconds } from './address.ts';
import { checksumMembers } from './checksum-members.ts';
import { readConditions } from './conditions.ts';
import { descriptionMembers, present } from './description.ts';
import { encryptionMembers } from './encryption.ts';
import { parseRange } from './range-header.ts';

type ReadInput = Omit<HeadObjectCommandInput, 'Bucket' | 'Key'>;

export function selectionOf(input: ReadInput): Selection {
  const range = parseRange(input.Range);
  const part = input.PartNumber;
  if (range !== undefined && part !== undefined) {
    throw new PlatformError('invalid_argument', 'Cannot specify both Range header and partNumber query parameter', {
      reason: 'InvalidRequest',
    });
  }
  return {
    conditions: readConditions(input),
    ...(range === undefined ? {} : { range }),
    ...(part === undefined ? {} : { part }),
  };
}

type ObjectMembers = Omit<GetObjectCommandOutput, '$metadata' | 'Body'>;

export function objectMembers({ object, slice }: Selected, input: ReadInput): ObjectMembers {
  const bytes = slice === undefined ? object.bytes : slice.last - slice.first + 1;
  // A checksum is that of all the bytes: with some of them, clients would take it for theirs.
  const isWhole = bytes === object.bytes && input.PartNumber === undefined;
  return {
    AcceptRanges: 'bytes',
    ContentLength: bytes,
    ETag: quoted(object.etag),
    LastModified: wholeSeconds(object.modifiedMs),
    ...descriptionMembers(object),
    ...encryptionMembers(object.encryption),
    ...(input.ChecksumMode === 'ENABLED' && isWhole ? checksumMembers(object.checksum) : {}),
    ...(slice === undefined ? {} : { ContentRange: `bytes ${slice.first}-${slice.last}/${object.bytes}` }),
    ...(input.PartNumber === undefined || object.partsCount === undefined ? {} : { PartsCount: object.partsCount }),
    ...overrides(input),
  };
}

/** Only signed requests may change what is answered. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax */
function overrides(input: ReadInput): ObjectMembers {
  return present({
    CacheControl: input.ResponseCacheControl,
    ContentDisposition: input.ResponseContentDisposition,
    ContentEncoding: input.ResponseContentEncoding,
    ContentLanguage: input.ResponseContentLanguage,
    ContentType: input.ResponseContentType,
    Expires: input.ResponseExpires,
  });
}
