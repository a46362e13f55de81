/** Whether a request's conditions hold. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html, RFC 9110 section 13 */
import { PlatformError } from '../../util/errors.ts';
import type { ReadConditions, WriteConditions } from '../bucket.ts';

type Tagged = { etag: string; modifiedMs: number };

/** Throws unless a change may go on. `current`: what is there now. */
export function assertWritable(key: string, current: Tagged | undefined, conditions: WriteConditions = {}): void {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifMatch !== undefined) {
    if (current === undefined) throw noSuchKey(key);
    if (!matches(ifMatch, current.etag)) throw failed('If-Match');
  }
  if (ifNoneMatch !== undefined && current !== undefined && matches(ifNoneMatch, current.etag))
    throw failed('If-None-Match');
}

/** Throws unless it may be read: PreconditionFailed, or NotModified. */
export function assertReadable(object: Tagged, conditions: ReadConditions = {}): void {
  const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs } = conditions;
  // HTTP's dates have whole seconds.
  const modifiedMs = Math.floor(object.modifiedMs / 1000) * 1000;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object.etag)) throw failed('If-Match');
  } else if (ifUnmodifiedSinceMs !== undefined && modifiedMs > ifUnmodifiedSinceMs) {
    throw failed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, object.etag)) throw notModified(object);
  } else if (ifModifiedSinceMs !== undefined && modifiedMs <= ifModifiedSinceMs) {
    throw notModified(object);
  }
}

/** As for reading, but what is not modified is not copied either: that is a failed condition. */
export function assertCopyable(object: Tagged, conditions: ReadConditions = {}): void {
  try {
    assertReadable(object, conditions);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    const inner = error.reason === 'NotModified' ? whichNotModified(conditions) : (error.facts['Condition'] ?? '');
    throw failed(`x-amz-copy-source-${inner}`);
  }
}

function whichNotModified(conditions: ReadConditions): string {
  return conditions.ifNoneMatch === undefined ? 'If-Modified-Since' : 'If-None-Match';
}

/** `condition` is a header's value: `*`, or ETags with or without quotes. */
function matches(condition: string, etag: string): boolean {
  return condition
    .split(',')
    .map((one) =>
      one
        .trim()
        .replace(/^W\//, '')
        .replace(/^"(.*)"$/, '$1'),
    )
    .some((one) => one === '*' || one === etag);
}

function failed(condition: string): PlatformError {
  return new PlatformError('precondition_failed', 'At least one of the pre-conditions you specified did not hold', {
    reason: 'PreconditionFailed',
    facts: { Condition: condition },
  });
}

function notModified({ etag, modifiedMs }: Tagged): PlatformError {
  return new PlatformError('precondition_failed', 'Not Modified', {
    reason: 'NotModified',
    facts: { ETag: `"${etag}"`, LastModified: new Date(modifiedMs).toISOString() },
  });
}

export function noSuchKey(key: string): PlatformError {
  return new PlatformError('not_found', 'The specified key does not exist.', {
    reason: 'NoSuchKey',
    facts: { Key: key },
  });
}
