import type { DeleteItemInput } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../resources/table/attribute-value.ts';
import type { ItemChange } from '../../resources/table/item-change.ts';
import type { Table } from '../../resources/table/table.ts';
import type { OperationEntry } from '../service.ts';
import { readItem, type WireItem } from './attribute-input.ts';
import { consumedCapacity } from './consumed-capacity.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { createExpressionNames } from './expression/expression-names.ts';
import { itemCollectionMetrics } from './item-collection-metrics.ts';
import { type ConditionInput, type ItemCondition, type NamesInput, readItemCondition } from './item-condition.ts';
import { leadingKeysOf, requireKey } from './item-keys.ts';
import { itemOperation } from './item-operation.ts';
import { attributesOfCondition } from './named-attributes.ts';
import { requireNoMix } from './parameter-mix.ts';
import { requireOldOrNone } from './put-item.ts';
import { onItems } from './table-reference.ts';
import { writeOne } from './write-one.ts';

export type ReadDelete = { key: Item; condition: ItemCondition };

export function deleteItem(parts: DynamoDbParts): OperationEntry {
  return itemOperation({
    read(input: DeleteItemInput): ReadDelete {
      requireNoMix(input, { expressions: ['ConditionExpression'], legacy: ['Expected', 'ConditionalOperator'] });
      return readDelete({ ...input, Key: input.Key ?? {} });
    },
    access: (context, input, { key, condition }) => [
      onItems(context, 'DeleteItem', input.TableName, {
        leadingKeys: leadingKeysOf(parts, context, input.TableName, [key]),
        attributes: [...Object.keys(key), ...attributesOfCondition(condition.condition)],
        returnValues: input.ReturnValues,
        returnConsumedCapacity: input.ReturnConsumedCapacity,
      }),
    ],
    async run(context, input, read) {
      const table = await parts.openTable(context, input.TableName);
      const { before, units } = await writeOne(parts, context, deleteChange(table, read));
      return {
        Attributes: input.ReturnValues === 'ALL_OLD' ? before : undefined,
        ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, input.TableName ?? '', table, units),
        ItemCollectionMetrics: itemCollectionMetrics(parts, input.ReturnItemCollectionMetrics, table, read.key),
      };
    },
  });
}

/** Errors: ValidationException. */
export function readDelete(
  input: ConditionInput & NamesInput & { Key: WireItem; ReturnValues?: string | undefined },
): ReadDelete {
  const key = readItem(input.Key);
  requireOldOrNone(input.ReturnValues);
  const names = createExpressionNames(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const condition = readItemCondition(input, names);
  names.requireAllUsed();
  return { key, condition };
}

/** Errors: ValidationException, where it is not the table's key. */
export function deleteChange(table: Table, { key, condition }: ReadDelete): ItemChange {
  requireKey(table, key);
  return {
    table,
    key,
    decide(before) {
      condition.require(before);
      return { kind: 'delete' };
    },
  };
}
