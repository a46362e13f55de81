/** Tags and their limits. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
import type { Tag as SdkTag } from '@aws-sdk/client-s3';
import type { Tag } from '../../resources/bucket.ts';
import { PlatformError } from '../../util/errors.ts';

const objectTagsMax = 10;
export const bucketTagsMax = 50;
const keyCharactersMax = 128;
const valueCharactersMax = 256;

/** The header x-amz-tagging: `a=1&b=2`, as in a URL's query. */
export function parseTagging(header: string | undefined): Tag[] {
  if (header === undefined) return [];
  return checkTags(
    [...new URLSearchParams(header)].map(([key, value]) => ({ key, value })),
    objectTagsMax,
  );
}

export function parseTagSet(tags: readonly SdkTag[] | undefined, max = objectTagsMax): Tag[] {
  return checkTags(
    (tags ?? []).map(({ Key = '', Value = '' }) => ({ key: Key, value: Value })),
    max,
  );
}

export const tagSet = (tags: readonly Tag[]): SdkTag[] => tags.map(({ key, value }) => ({ Key: key, Value: value }));

function checkTags(tags: Tag[], max: number): Tag[] {
  if (tags.length > max) throw invalid('BadRequest', `There are ${tags.length} tags: at most ${max} are accepted.`);
  for (const { key, value } of tags) {
    if (key === '' || key.length > keyCharactersMax) {
      throw invalid(
        'InvalidTag',
        `The tag key '${key.slice(0, 200)}' has to have 1 to ${keyCharactersMax} characters.`,
      );
    }
    if (value.length > valueCharactersMax)
      throw invalid('InvalidTag', `The value of the tag '${key}' may have at most ${valueCharactersMax} characters.`);
    // Letters, spaces, numbers and + - = . _ : / @, in any script.
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(key + value)) {
      throw invalid('InvalidTag', `The tag '${key}' may contain letters, numbers, spaces and + - = . _ : / @ only.`);
    }
  }
  if (new Set(tags.map(({ key }) => key)).size < tags.length)
    throw invalid('InvalidTag', 'Cannot provide multiple Tags with the same key');
  return tags;
}

function invalid(reason: string, message: string): PlatformError {
  return new PlatformError('invalid_argument', message, { reason, field: 'Tagging' });
}
