import type { PutItemInput } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../resources/table/attribute-value.ts';
import type { ItemChange } from '../../resources/table/item-change.ts';
import { keyOf } from '../../resources/table/item-places.ts';
import { itemBytesMax, itemSizeBytes } from '../../resources/table/item-size.ts';
import type { Table } from '../../resources/table/table.ts';
import type { OperationEntry } from '../service.ts';
import { readItem, type WireItem } from './attribute-input.ts';
import { consumedCapacity } from './consumed-capacity.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { createExpressionNames } from './expression/expression-names.ts';
import { validationException } from './expression/validation-exception.ts';
import { itemCollectionMetrics } from './item-collection-metrics.ts';
import { type ConditionInput, type ItemCondition, type NamesInput, readItemCondition } from './item-condition.ts';
import { leadingKeysOf, requireItemKeys } from './item-keys.ts';
import { itemOperation } from './item-operation.ts';
import { attributesOfCondition } from './named-attributes.ts';
import { requireNoMix } from './parameter-mix.ts';
import { onItems } from './table-reference.ts';
import { writeOne } from './write-one.ts';

export type ReadPut = { item: Item; condition: ItemCondition };

export function putItem(parts: DynamoDbParts): OperationEntry {
  return itemOperation({
    read(input: PutItemInput): ReadPut {
      requireNoMix(input, { expressions: ['ConditionExpression'], legacy: ['Expected', 'ConditionalOperator'] });
      return readPut({ ...input, Item: input.Item ?? {} });
    },
    access: (context, input, { item, condition }) => [
      onItems(context, 'PutItem', input.TableName, {
        leadingKeys: leadingKeysOf(parts, context, input.TableName, [item]),
        attributes: [...Object.keys(item), ...attributesOfCondition(condition.condition)],
        returnValues: input.ReturnValues,
        returnConsumedCapacity: input.ReturnConsumedCapacity,
      }),
    ],
    async run(context, input, read) {
      const table = await parts.openTable(context, input.TableName);
      const change = putChange(table, read);
      const { before, units } = await writeOne(parts, context, change);
      return {
        Attributes: input.ReturnValues === 'ALL_OLD' ? before : undefined,
        ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, input.TableName ?? '', table, units),
        ItemCollectionMetrics: itemCollectionMetrics(parts, input.ReturnItemCollectionMetrics, table, change.key),
      };
    },
  });
}

/** Errors: ValidationException. */
export function readPut(
  input: ConditionInput & NamesInput & { Item: WireItem; ReturnValues?: string | undefined },
): ReadPut {
  const item = readItem(input.Item);
  requireOldOrNone(input.ReturnValues);
  requireItemSize(item);
  const names = createExpressionNames(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const condition = readItemCondition(input, names);
  names.requireAllUsed();
  return { item, condition };
}

export function requireItemSize(item: Item): void {
  if (itemSizeBytes(item) > itemBytesMax) throw validationException('Item size has exceeded the maximum allowed size');
}

/** Errors: ValidationException, where the table takes no such item. */
export function putChange(table: Table, { item, condition }: ReadPut): ItemChange {
  requireItemKeys(table, item);
  return {
    table,
    key: keyOf(item, table.key),
    decide(before) {
      condition.require(before);
      return { kind: 'put', item };
    },
  };
}

/** Errors: ValidationException. */
export function requireOldOrNone(returnValues: string | undefined): void {
  if (returnValues !== undefined && returnValues !== 'ALL_OLD' && returnValues !== 'NONE')
    throw validationException('ReturnValues can only be ALL_OLD or NONE');
}
