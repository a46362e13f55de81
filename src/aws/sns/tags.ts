/** Tags as SNS has them. https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html */
import type { Tag } from '@aws-sdk/client-sns';
import { topicLimits } from '../../resources/topic-settings.ts';
import { PlatformError } from '../../util/errors.ts';
import { invalidParameter } from './topic-reference.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_Tag.html */
const keyCharactersMax = 128;
const valueCharactersMax = 256;

/** Throws InvalidParameter. */
export function readTags(tags: readonly Tag[]): Record<string, string> {
  const read: Record<string, string> = {};
  for (const { Key: key = '', Value: value = '' } of tags) {
    const isWell =
      key.length > 0 && key.length <= keyCharactersMax && value.length <= valueCharactersMax && !/^aws:/i.test(key);
    if (!isWell) throw invalidParameter(`Tags Reason: the tag '${key.slice(0, 40)}' is not accepted`, 'Tags');
    if (Object.hasOwn(read, key)) throw invalidParameter('Tags Reason: Duplicated keys are not allowed.', 'Tags');
    Object.defineProperty(read, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return limited(read);
}

/** Throws TagLimitExceeded. */
export function limited(tags: Record<string, string>): Record<string, string> {
  if (Object.keys(tags).length <= topicLimits.tagsMax) return tags;
  throw new PlatformError('invalid_argument', 'Could not complete request: tag quota of per resource exceeded', {
    field: 'Tags',
    reason: 'TagLimitExceeded',
  });
}

export const writeTags = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Of tags, SNS says this of a topic that is not there. */
export const resourceNotFound = (error: unknown): unknown =>
  error instanceof PlatformError && error.reason === 'NotFound'
    ? new PlatformError('not_found', 'Resource does not exist', { field: 'ResourceArn', reason: 'ResourceNotFound' })
    : error;
