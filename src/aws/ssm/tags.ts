import type { Tag } from '@aws-sdk/client-ssm';
import { invalidParameterInput, parameterError, parameterLimits } from '../../resources/parameter/parameter.ts';

type Tags = Readonly<Record<string, string>>;

/** Errors: TooManyTagsError, ValidationException. */
export function tagsOf(given: readonly Tag[] | undefined, before: Tags = {}): Tags {
  const tags = { ...before, ...Object.fromEntries((given ?? []).map(({ Key = '', Value = '' }) => [Key, Value])) };
  const names = Object.keys(tags);
  if (names.length > parameterLimits.tagsMax)
    throw parameterError('TooManyTagsError', `A parameter has at most ${parameterLimits.tagsMax} tags.`, 'Tags');
  const reserved = names.find((name) => /^aws:/i.test(name));
  if (reserved !== undefined)
    throw invalidParameterInput(`The tag key ${reserved} begins with aws:, which is reserved.`, 'Tags');
  return tags;
}
