import type { ReadConditions, WriteConditions } from '../../resources/bucket.ts';
import { PlatformError } from '../../util/errors.ts';
import { present } from './description.ts';
import { notImplemented } from './unsupported.ts';

type WriteMembers = { IfMatch?: string | undefined; IfNoneMatch?: string | undefined };
type ReadMembers = WriteMembers & { IfModifiedSince?: Date | undefined; IfUnmodifiedSince?: Date | undefined };

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: creating takes `*` only. */
export function writeConditions({ IfMatch, IfNoneMatch }: WriteMembers): WriteConditions {
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*') throw notImplemented('If-None-Match', ' other than *');
  if (IfMatch !== undefined && IfNoneMatch !== undefined)
    throw notImplemented('If-None-Match', ' together with If-Match');
  return present({ ifMatch: IfMatch, ifNoneMatch: IfNoneMatch });
}

export function readConditions(input: ReadMembers): ReadConditions {
  return present({
    ifMatch: input.IfMatch,
    ifNoneMatch: input.IfNoneMatch,
    ifModifiedSinceMs: input.IfModifiedSince?.getTime(),
    ifUnmodifiedSinceMs: input.IfUnmodifiedSince?.getTime(),
  });
}

type CopySourceMembers = {
  CopySourceIfMatch?: string | undefined;
  CopySourceIfNoneMatch?: string | undefined;
  CopySourceIfModifiedSince?: Date | undefined;
  CopySourceIfUnmodifiedSince?: Date | undefined;
};

export function copySourceConditions(input: CopySourceMembers): ReadConditions {
  return readConditions({
    IfMatch: input.CopySourceIfMatch,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  });
}

/** A 304 carries the validators of what the client has. RFC 9110, section 15.4.5 */
export async function withValidators<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof PlatformError) || error.reason !== 'NotModified') throw error;
    const { ETag = '', LastModified = '' } = error.facts;
    throw new PlatformError('precondition_failed', error.message, {
      reason: 'NotModified',
      facts: { etag: ETag, 'last-modified': new Date(LastModified).toUTCString() },
    });
  }
}
