/** Tags of a function, and the rules for them. https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html */
import type { AwsContext, Access } from '../service.ts';
import { existingFunction, functionReference, type FunctionReference } from './function-reference.ts';
import { invalidParameterValue, notHere } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

const tagsMax = 50;
const keyLengthMax = 128;
const valueLengthMax = 256;
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Errors: InvalidParameterValueException. */
export function checkTags(tags: Readonly<Record<string, string>>): void {
  const entries = Object.entries(tags);
  if (entries.length > tagsMax) throw invalidParameterValue('Number of tags exceeds resource tag limit.');
  for (const [key, value] of entries) {
    if (key === '' || key.length > keyLengthMax || !allowed.test(key) || key.toLowerCase().startsWith('aws:')) {
      throw invalidParameterValue(
        `The tag key '${key}' is not accepted: 1 to ${keyLengthMax} letters, digits, spaces and _.:/=+-@, not beginning with aws:`,
        { field: 'Tags' },
      );
    }
    if (value.length > valueLengthMax || !allowed.test(value)) {
      throw invalidParameterValue(
        `The value of the tag '${key}' is not accepted: at most ${valueLengthMax} letters, digits, spaces and _.:/=+-@`,
        { field: 'Tags' },
      );
    }
  }
}

type Tagged = { Resource?: string | undefined };

/** The function that an ARN names. Errors: InvalidParameterValueException for a version's or an alias's, and for what else Lambda tags. */
export function taggedFunction(context: AwsContext, { Resource: resource = '' }: Tagged): FunctionReference {
  if (!resource.includes(':function:')) throw notHere(`Tags of ${resource}`, 'functions alone have them.');
  const reference = functionReference(context, resource);
  if (reference.qualifier !== undefined) {
    throw invalidParameterValue(
      'Tags on function aliases and versions are not supported. Please specify a function ARN.',
      { field: 'Resource' },
    );
  }
  return reference;
}

export const tagAccess =
  (action: string) =>
  (_context: AwsContext, { Resource: resource = '' }: Tagged): readonly Access[] => [{ action, resource }];

/** Writes the tags that `change` makes of those that are there. */
export async function changeTags(
  { registry }: LambdaParts,
  reference: FunctionReference,
  change: (before: Readonly<Record<string, string>>) => Record<string, string>,
): Promise<void> {
  existingFunction(registry, reference);
  await registry.edit(reference.account, reference.name, ({ extras }) => {
    const tags = change(extras.tags);
    checkTags(tags);
    return { ...extras, tags };
  });
}
