import type { GetItemInput } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../resources/table/attribute-value.ts';
import { readUnits } from '../../resources/table/capacity.ts';
import { itemSizeBytes } from '../../resources/table/item-size.ts';
import type { OperationEntry } from '../service.ts';
import { readItem, type WireItem } from './attribute-input.ts';
import { consumedCapacity } from './consumed-capacity.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { createExpressionNames } from './expression/expression-names.ts';
import { project, type Projection } from './expression/projection.ts';
import type { NamesInput } from './item-condition.ts';
import { leadingKeysOf, requireKey } from './item-keys.ts';
import { itemOperation } from './item-operation.ts';
import { nestedAttributes, requireScalarKeys } from './named-attributes.ts';
import { requireNoMix } from './parameter-mix.ts';
import { type ProjectionInput, readProjection } from './read-projection.ts';
import { onItems } from './table-reference.ts';

export type ReadGet = { key: Item; projection: Projection | undefined };

export function getItem(parts: DynamoDbParts): OperationEntry {
  return itemOperation({
    read(input: GetItemInput): ReadGet {
      requireNoMix(input, { expressions: ['ProjectionExpression'], legacy: ['AttributesToGet'] });
      return readGet({ ...input, Key: input.Key ?? {} });
    },
    access: (context, input, { key, projection }) => [
      onItems(context, 'GetItem', input.TableName, {
        leadingKeys: leadingKeysOf(parts, context, input.TableName, [key]),
        attributes: [...Object.keys(key), ...(projection?.keys() ?? [])],
        select: projection === undefined ? 'ALL_ATTRIBUTES' : 'SPECIFIC_ATTRIBUTES',
        returnConsumedCapacity: input.ReturnConsumedCapacity,
      }),
    ],
    async run(context, input, { key, projection }) {
      const table = await parts.openTable(context, input.TableName);
      requireKey(table, key);
      requireScalarKeys(table, nestedAttributes(projection));
      const item = await parts.tables.items.read(table, key);
      const units = readUnits(
        item === undefined ? 0 : itemSizeBytes(item),
        input.ConsistentRead === true ? 'strong' : 'eventual',
      );
      parts.used(table, { readUnits: units });
      return {
        Item: item === undefined || projection === undefined ? item : project(item, projection),
        ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, input.TableName ?? '', table, {
          table: units,
          indexes: {},
        }),
      };
    },
  });
}

/** Errors: ValidationException. */
export function readGet(input: ProjectionInput & NamesInput & { Key: WireItem }): ReadGet {
  const key = readItem(input.Key);
  const names = createExpressionNames(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const projection = readProjection(input, names);
  names.requireAllUsed();
  return { key, projection };
}
