import { PlatformError } from '../../util/errors.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html */
const tagLimits = { tagsMax: 50, keyCharactersMax: 128, valueCharactersMax: 256 } as const;
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Throws `invalid_argument`. */
export function checkTags(queue: string, tags: Readonly<Record<string, string>>): void {
  const entries = Object.entries(tags);
  if (entries.length > tagLimits.tagsMax) refuse(`Too many tags added for queue ${queue}.`);
  for (const [key, value] of entries) {
    if (key === '' || key.length > tagLimits.keyCharactersMax || !tagText.test(key) || /^aws:/i.test(key)) {
      refuse(
        `Tag keys must be between 1 and ${tagLimits.keyCharactersMax} characters in length, of letters, spaces, numbers and _.:/=+-@, and not begin with aws: ("${key.slice(0, 80)}").`,
      );
    }
    if (value.length > tagLimits.valueCharactersMax || !tagText.test(value)) {
      refuse(
        `Tag values must be at most ${tagLimits.valueCharactersMax} characters in length, of letters, spaces, numbers and _.:/=+-@ (of "${key}").`,
      );
    }
  }
}

function refuse(message: string): never {
  throw new PlatformError('invalid_argument', message, { field: 'Tags', reason: 'InvalidParameterValue' });
}
