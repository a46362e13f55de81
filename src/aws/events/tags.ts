import type { Tag } from '@aws-sdk/client-eventbridge';
import { invalid } from './events-errors.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-tagging.html */
const tagsMax = 50;

export function tagsOf(given: readonly Tag[] | undefined): Record<string, string> {
  const tags = Object.fromEntries((given ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  checkTags(tags);
  return tags;
}

export function checkTags(tags: Readonly<Record<string, string>>): void {
  const names = Object.keys(tags);
  if (names.length > tagsMax) throw invalid(`A resource has at most ${tagsMax} tags.`, 'Tags');
  const reserved = names.find((name) => name.toLowerCase().startsWith('aws:'));
  if (reserved !== undefined) throw invalid(`System tags cannot be added or changed: ${reserved}`, 'Tags');
}

export const tagList = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
