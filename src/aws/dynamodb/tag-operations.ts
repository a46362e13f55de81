import type {
  ListTagsOfResourceCommandInput,
  ListTagsOfResourceCommandOutput,
  Tag,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { ConditionContext } from '../../identity/policy-document.ts';
import { invalidTable } from '../../resources/table/table-errors.ts';
import { tableLimits, type Table } from '../../resources/table/table.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { onTable, tableReference } from './table-reference.ts';

type Tags = Readonly<Record<string, string>>;
type Answer<Output> = Promise<Omit<Output, '$metadata'>>;

/** As `aws:RequestTag/NAME` and `aws:TagKeys`. */
export const requestTags = (tags: readonly Tag[] = []): ConditionContext => ({
  'aws:tagkeys': tags.map(({ Key = '' }) => Key),
  ...Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [`aws:requesttag/${Key.toLowerCase()}`, Value])),
});

/** Errors: ValidationException. */
export function tagsOf(given: readonly Tag[] | undefined, before: Tags = {}): Tags {
  const names = (given ?? []).map(({ Key = '' }) => Key);
  if (new Set(names).size < names.length)
    throw invalidTable('One or more parameter values were invalid: Tags contain duplicate keys', 'Tags');
  const reserved = names.find((name) => /^aws:/i.test(name));
  if (reserved !== undefined)
    throw invalidTable(
      `One or more parameter values were invalid: The tag key ${reserved} begins with aws:, which is reserved`,
      'Tags',
    );
  const tags = { ...before, ...Object.fromEntries((given ?? []).map(({ Key = '', Value = '' }) => [Key, Value])) };
  if (Object.keys(tags).length > tableLimits.tagsMax)
    throw invalidTable(
      `One or more parameter values were invalid: Too many tags: a table has at most ${tableLimits.tagsMax}`,
      'Tags',
    );
  return tags;
}

export const tagResource = ({ tables }: DynamoDbParts): OperationEntry => ({
  access: (context, input: TagResourceCommandInput) => [
    onTable(context, 'TagResource', resourceArn(input.ResourceArn), requestTags(input.Tags)),
  ],
  async run(context: AwsContext, input: TagResourceCommandInput): Promise<object> {
    const { account, name } = tagged(tables, context, input.ResourceArn);
    if ((input.Tags ?? []).length === 0) throw invalidTable('Atleast one Tag needs to be provided as Input.', 'Tags');
    await tables.update(account, name, ({ tags }) => ({ tags: tagsOf(input.Tags, tags) }));
    return {};
  },
});

export const untagResource = ({ tables }: DynamoDbParts): OperationEntry => ({
  access: (context, input: UntagResourceCommandInput) => [
    onTable(context, 'UntagResource', resourceArn(input.ResourceArn), { 'aws:tagkeys': input.TagKeys ?? [] }),
  ],
  async run(context: AwsContext, input: UntagResourceCommandInput): Promise<object> {
    const { account, name } = tagged(tables, context, input.ResourceArn);
    const { TagKeys: gone = [] } = input;
    if (gone.length === 0) throw invalidTable('Atleast one Tag Key needs to be provided as Input.', 'TagKeys');
    await tables.update(account, name, ({ tags }) => ({
      tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.includes(key))),
    }));
    return {};
  },
});

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html */
const tagsPageMax = 10;

export const listTagsOfResource = ({ tables }: DynamoDbParts): OperationEntry => ({
  access: (context, input: ListTagsOfResourceCommandInput) => [
    onTable(context, 'ListTagsOfResource', resourceArn(input.ResourceArn)),
  ],
  run(context: AwsContext, input: ListTagsOfResourceCommandInput): Answer<ListTagsOfResourceCommandOutput> {
    const { tags } = tagged(tables, context, input.ResourceArn);
    const after = input.NextToken === undefined ? '' : Buffer.from(input.NextToken, 'base64url').toString();
    const left = Object.entries(tags)
      .filter(([key]) => key > after)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const page = left.slice(0, tagsPageMax);
    const last = page.at(-1);
    return Promise.resolve({
      Tags: page.map(([Key, Value]) => ({ Key, Value })),
      ...(last !== undefined && left.length > page.length && { NextToken: Buffer.from(last[0]).toString('base64url') }),
    });
  },
});

/** An ARN, and no name. */
export function resourceArn(text: string | undefined): string {
  if (text?.startsWith('arn:') === true) return text;
  throw invalidTable(
    text === undefined ? 'Invalid TableArn' : `Invalid TableArn: Invalid ResourceArn provided as input ${text}`,
    'ResourceArn',
  );
}

function tagged(tables: DynamoDbParts['tables'], context: AwsContext, arn: string | undefined): Table {
  const { account, name } = tableReference(context, resourceArn(arn));
  const table = tables.get(account, name);
  if (table !== undefined) return table;
  throw new PlatformError('not_found', `Requested resource not found: ResourcArn: ${arn} not found`, {
    reason: 'ResourceNotFoundException',
  });
}
