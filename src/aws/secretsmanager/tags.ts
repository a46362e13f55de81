import type { Tag } from '@aws-sdk/client-secrets-manager';
import { invalidParameter, secretLimits, tooMany } from '../../resources/secret/secret.ts';

type Tags = Readonly<Record<string, string>>;

/** Errors: InvalidParameterException, LimitExceededException. */
export function tagsOf(given: readonly Tag[] | undefined, before: Tags = {}): Tags {
  const tags = { ...before, ...Object.fromEntries((given ?? []).map(({ Key = '', Value = '' }) => [Key, Value])) };
  const names = Object.keys(tags);
  if (names.length > secretLimits.tagsMax) throw tooMany(`A secret has at most ${secretLimits.tagsMax} tags.`);
  const reserved = names.find((name) => /^aws:/i.test(name));
  if (reserved !== undefined)
    throw invalidParameter(`The tag key ${reserved} begins with aws:, which is reserved.`, 'Tags');
  return tags;
}

export const tagList = (tags: Tags): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
