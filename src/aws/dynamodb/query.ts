import type { QueryInput } from '@aws-sdk/client-dynamodb';
import { isEqual, typeOf, type AttributeValue, type Item } from '../../resources/table/attribute-value.ts';
import { keyValueOf } from '../../resources/table/item-places.ts';
import type { QueryRequest, SortCondition } from '../../resources/table/item-page.ts';
import type { KeyValue } from '../../resources/table/key-text.ts';
import type { KeyAttribute, Table, TableIndex, TableKey } from '../../resources/table/table.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { beginsWith, compares } from './expression/condition-holds.ts';
import { createExpressionNames } from './expression/expression-names.ts';
import { type KeyCondition, type KeyConditions, parseKeyCondition } from './expression/key-condition.ts';
import { validationException } from './expression/validation-exception.ts';
import { itemOperation } from './item-operation.ts';
import { readFilter } from './legacy/expected.ts';
import { readKeyConditions } from './legacy/key-conditions.ts';
import {
  attributesOfCondition,
  nestedAttributes,
  nestedIn,
  pathsOfCondition,
  requireScalarKeys,
} from './named-attributes.ts';
import { answerPage, indexOf, needsWhole, type ReadPage, readPage, requireStart, selectOf } from './page-of-items.ts';
import { requireNoMix } from './parameter-mix.ts';
import { onItems, tableReference } from './table-reference.ts';

type ReadQuery = ReadPage & { conditions: KeyConditions };

export function query(parts: DynamoDbParts): OperationEntry {
  return itemOperation({
    read: readQuery,
    access: (context, input, { conditions, filter, projection }) => [
      onItems(
        context,
        'Query',
        input.TableName,
        {
          leadingKeys: leadingKeys(parts, context, input, conditions),
          attributes: [...conditions.keys(), ...attributesOfCondition(filter), ...(projection?.keys() ?? [])],
          select: selectOf(input, projection),
          returnConsumedCapacity: input.ReturnConsumedCapacity,
        },
        input.IndexName,
      ),
    ],
    async run(context, input, read) {
      const table = await parts.openTable(context, input.TableName);
      const index = indexOf(table, input);
      const key = index?.key ?? table.key;
      if (read.after !== undefined) requireStart(table, index, read.after);
      const asked = keysAsked(key, read.conditions);
      if (read.after !== undefined) requireStartWithin(key, asked, read.conditions, read.after);
      requireFilter(input, key, read);
      requireScalarKeys(table, [...nestedAttributes(read.projection), ...nestedIn(pathsOfCondition(read.filter))]);
      const page = await parts.tables.items.query(table, request(table, index, input, read, asked));
      return answerPage(parts, input, read, table, index, page);
    },
  });
}

/** Errors: ValidationException. */
function readQuery(input: QueryInput): ReadQuery {
  requireNoMix(input, {
    expressions: ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'],
    legacy: ['AttributesToGet', 'QueryFilter', 'ConditionalOperator', 'KeyConditions'],
  });
  const legacyFilter =
    input.QueryFilter === undefined ? undefined : readFilter(input.QueryFilter, input.ConditionalOperator);
  if (input.KeyConditions === undefined && input.KeyConditionExpression === undefined)
    throw validationException(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    );
  const names = createExpressionNames(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const conditions =
    input.KeyConditionExpression === undefined
      ? readKeyConditions(input.KeyConditions ?? {})
      : parseKeyCondition(input.KeyConditionExpression, names);
  const page = readPage(input, names, legacyFilter);
  names.requireAllUsed();
  if (conditions.size !== 1 && conditions.size !== 2)
    throw validationException('Conditions can be of length 1 or 2 only');
  return { ...page, conditions };
}

function leadingKeys(
  { tables }: DynamoDbParts,
  context: Pick<AwsContext, 'account' | 'region'>,
  input: QueryInput,
  conditions: KeyConditions,
): KeyValue[] {
  const { account, name } = tableReference(context, input.TableName);
  const table = tables.get(account, name);
  const key = table?.indexes.find((index) => index.name === input.IndexName)?.key ?? table?.key;
  const condition = key === undefined ? undefined : conditions.get(key.partition.name);
  if (key === undefined || condition?.operator !== '=') return [];
  const value = keyValueOf({ [key.partition.name]: condition.value }, key.partition);
  return value === undefined ? [] : [value];
}

type KeysAsked = { partition: KeyValue; sort: SortCondition | undefined };

/** Errors: ValidationException, where the conditions are not of this key. */
function keysAsked(key: TableKey, conditions: KeyConditions): KeysAsked {
  if (key.sort === undefined && conditions.size > 1) throw validationException('Query key condition not supported');
  const { partition, sort } = key;
  const condition = conditions.get(partition.name);
  if (condition === undefined)
    throw validationException(`Query condition missed key schema element: ${partition.name}`);
  if (condition.operator !== '=') {
    for (const value of valuesOf(condition)) asKeyValue(partition, value);
    throw validationException('Query key condition not supported');
  }
  const value = asKeyValue(partition, condition.value);
  requireNotEmpty(partition, value);
  const sortCondition = sort === undefined ? undefined : conditions.get(sort.name);
  if (sort !== undefined && sortCondition === undefined && conditions.size > 1)
    throw validationException(`Query condition missed key schema element: ${sort.name}`);
  return {
    partition: value,
    sort: sort === undefined || sortCondition === undefined ? undefined : sortAsked(sort, sortCondition),
  };
}

function sortAsked(sort: KeyAttribute, condition: KeyCondition): SortCondition {
  if (condition.operator === 'between')
    return { operator: 'between', low: asKeyValue(sort, condition.low), high: asKeyValue(sort, condition.high) };
  const value = asKeyValue(sort, condition.value);
  if (condition.operator !== 'begins_with') requireNotEmpty(sort, value);
  return { operator: condition.operator, value };
}

const valuesOf = (condition: KeyCondition): AttributeValue[] =>
  condition.operator === 'between' ? [condition.low, condition.high] : [condition.value];

function asKeyValue(attribute: KeyAttribute, value: AttributeValue): KeyValue {
  const keyValue = keyValueOf({ [attribute.name]: value }, attribute);
  if (keyValue === undefined)
    throw validationException(
      'One or more parameter values were invalid: Condition parameter type does not match schema type',
    );
  return keyValue;
}

function requireNotEmpty({ name }: KeyAttribute, value: KeyValue): void {
  const isEmpty = 'S' in value ? value.S === '' : 'B' in value && value.B.byteLength === 0;
  if (isEmpty)
    throw validationException(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${typeOf(value) === 'S' ? 'string' : 'binary'} value. Key: ${name}`,
    );
}

/** Errors: ValidationException, where the page before cannot have been one of this query. */
function requireStartWithin(key: TableKey, asked: KeysAsked, conditions: KeyConditions, after: Item): void {
  const partition = after[key.partition.name];
  const isSame = partition !== undefined && isEqual(partition, asked.partition);
  const sortCondition = key.sort === undefined ? undefined : conditions.get(key.sort.name);
  if (key.sort !== undefined && sortCondition !== undefined && !fits(after[key.sort.name], sortCondition))
    throw validationException('The provided starting key does not match the range key predicate');
  if (isSame) return;
  throw validationException(
    sortCondition === undefined
      ? 'The provided starting key is outside query boundaries based on provided conditions'
      : 'The query can return at most one row and cannot be restarted',
  );
}

function fits(value: AttributeValue | undefined, condition: KeyCondition): boolean {
  if (condition.operator === 'between')
    return compares('>=', value, condition.low) && compares('<=', value, condition.high);
  if (condition.operator === 'begins_with') return beginsWith(value, condition.value);
  return compares(condition.operator, value, condition.value);
}

function requireFilter(input: QueryInput, key: TableKey, { filter }: ReadQuery): void {
  if (filter === undefined) return;
  const filtered = attributesOfCondition(filter);
  for (const attribute of key.sort === undefined ? [key.partition] : [key.partition, key.sort]) {
    if (filtered.includes(attribute.name))
      throw validationException(
        `${input.QueryFilter === undefined ? 'Filter Expression' : 'QueryFilter'} can only contain non-primary key attributes: Primary key attribute: ${attribute.name}`,
      );
  }
}

function request(
  table: Table,
  index: TableIndex | undefined,
  input: QueryInput,
  read: ReadQuery,
  { partition, sort }: KeysAsked,
): QueryRequest {
  return {
    partition,
    ...(sort !== undefined && { sort }),
    ...(index !== undefined && { index: index.name }),
    ...(input.Limit !== undefined && { limit: input.Limit }),
    ...(read.after !== undefined && { after: read.after }),
    ...(needsWhole(table, index, input, read) && { isWhole: true }),
    ...(input.ScanIndexForward === false && { isReversed: true }),
  };
}
