/** Tags of functions and of event source mappings, and the rules for them. https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html */
import type { AwsContext, Access } from '../service.ts';
import { existingMapping, mappingsOf } from './event-source-mapping.ts';
import { existingFunction, functionReference } from './function-reference.ts';
import { invalidParameterValue, resourceNotFound } from './lambda-errors.ts';
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

export type TagInput = { Resource?: string | undefined };

export const tagAccess =
  (action: string) =>
  (context: AwsContext, { Resource: resource = '' }: TagInput): readonly Access[] => [
    {
      action,
      // What is meant can be spelt in several ways, and is one resource.
      resource: resource.includes(':function:')
        ? functionReference(context, resource).qualifiedArn
        : resource.toLowerCase(),
    },
  ];

type Tags = Readonly<Record<string, string>>;
type Tagged = {
  tags: Tags;
  /** Writes what `edit` makes of the tags that are there. Errors: InvalidParameterValueException. */
  change(edit: (before: Tags) => Record<string, string>): Promise<void>;
};

/**
 * What an ARN names: a function or an event source mapping. Errors: InvalidParameterValueException for a version's or
 * an alias's, ResourceNotFoundException.
 */
export function taggedResource(parts: LambdaParts, context: AwsContext, { Resource: resource = '' }: TagInput): Tagged {
  if (resource.includes(':function:')) return taggedFunction(parts, context, resource);
  const mappingPrefix = `arn:aws:lambda:${context.region}:${context.account}:event-source-mapping:`;
  if (resource.startsWith(mappingPrefix)) return taggedMapping(parts, context, resource.slice(mappingPrefix.length));
  throw resourceNotFound('The resource you requested does not exist.');
}

function taggedFunction({ registry }: LambdaParts, context: AwsContext, arn: string): Tagged {
  const reference = functionReference(context, arn);
  if (reference.qualifier !== undefined) {
    throw invalidParameterValue(
      'Tags on function aliases and versions are not supported. Please specify a function ARN.',
      { field: 'Resource' },
    );
  }
  return {
    tags: existingFunction(registry, reference).extras.tags,
    async change(edit) {
      await registry.edit(reference.account, reference.name, ({ extras }) => {
        const tags = edit(extras.tags);
        checkTags(tags);
        return { ...extras, tags };
      });
    },
  };
}

function taggedMapping({ bindings, inTurn }: LambdaParts, { account }: AwsContext, uuid: string): Tagged {
  const { tags = {} } = existingMapping({ bindings }, account, uuid);
  return {
    tags,
    change: (edit) =>
      inTurn(mappingsOf(account), async () => {
        const { tags: before = {}, ...mapping } = existingMapping({ bindings }, account, uuid);
        const after = edit(before);
        checkTags(after);
        await bindings.put({ ...mapping, ...(Object.keys(after).length === 0 ? {} : { tags: after }) });
      }),
  };
}
