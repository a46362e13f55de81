import type { UpdateItemInput } from '@aws-sdk/client-dynamodb';
import { type AttributeValue, type Item, typeOf } from '../../resources/table/attribute-value.ts';
import type { ItemChange, ItemWritten } from '../../resources/table/item-change.ts';
import { itemBytesMax, itemSizeBytes } from '../../resources/table/item-size.ts';
import { attributesOf, type Table } from '../../resources/table/table.ts';
import type { OperationEntry } from '../service.ts';
import { type WireItem, readItem, requireLevels } from './attribute-input.ts';
import { consumedCapacity } from './consumed-capacity.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { applyUpdate, tooLargeAfterUpdate } from './expression/apply-update.ts';
import { createExpressionNames } from './expression/expression-names.ts';
import type { PathTree } from './expression/path-tree.ts';
import { project, projectionOf } from './expression/projection.ts';
import { parseUpdate, type Update, type UpdateAction } from './expression/update.ts';
import { validationException } from './expression/validation-exception.ts';
import { itemCollectionMetrics } from './item-collection-metrics.ts';
import { type ConditionInput, type ItemCondition, type NamesInput, readItemCondition } from './item-condition.ts';
import { globalFirst, leadingKeysOf, requireIndexKeys, requireKey } from './item-keys.ts';
import { itemOperation } from './item-operation.ts';
import { type AttributeUpdatesInput, readAttributeUpdates } from './legacy/attribute-updates.ts';
import { attributesOfCondition, attributesOfUpdate, nestedIn, requireScalarKeys } from './named-attributes.ts';
import { requireNoMix } from './parameter-mix.ts';
import { onItems } from './table-reference.ts';
import { writeOne } from './write-one.ts';

export type ReadUpdate = { key: Item; update: Update; condition: ItemCondition };

const nothing: Update = Object.freeze({ actions: new Map(), paths: [], setTypes: new Map() });

export function updateItem(parts: DynamoDbParts): OperationEntry {
  return itemOperation({
    read(input: UpdateItemInput): ReadUpdate {
      requireNoMix(input, {
        expressions: ['UpdateExpression', 'ConditionExpression'],
        legacy: ['AttributeUpdates', 'Expected', 'ConditionalOperator'],
      });
      return readUpdate({ ...input, Key: input.Key ?? {} });
    },
    access: (context, input, { key, update, condition }) => [
      onItems(context, 'UpdateItem', input.TableName, {
        leadingKeys: leadingKeysOf(parts, context, input.TableName, [key]),
        attributes: [...Object.keys(key), ...attributesOfUpdate(update), ...attributesOfCondition(condition.condition)],
        returnValues: input.ReturnValues,
        returnConsumedCapacity: input.ReturnConsumedCapacity,
      }),
    ],
    async run(context, input, read) {
      const table = await parts.openTable(context, input.TableName);
      const written = await writeOne(parts, context, updateChange(table, read));
      return {
        Attributes: returned(input.ReturnValues, read.update, written),
        ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, input.TableName ?? '', table, written.units),
        ItemCollectionMetrics: itemCollectionMetrics(parts, input.ReturnItemCollectionMetrics, table, read.key),
      };
    },
  });
}

/** Errors: ValidationException. */
export function readUpdate(
  input: ConditionInput &
    NamesInput & {
      Key: WireItem;
      UpdateExpression?: string | undefined;
      AttributeUpdates?: AttributeUpdatesInput | undefined;
    },
): ReadUpdate {
  const key = readItem(input.Key);
  const names = createExpressionNames(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const update =
    input.UpdateExpression !== undefined
      ? parseUpdate(input.UpdateExpression, names)
      : input.AttributeUpdates === undefined
        ? nothing
        : readAttributeUpdates(input.AttributeUpdates);
  const condition = readItemCondition(input, names);
  names.requireAllUsed();
  return { key, update, condition };
}

/** Errors: ValidationException, where it is not the table's key, or changes one. */
export function updateChange(table: Table, { key, update, condition }: ReadUpdate): ItemChange {
  requireKey(table, key);
  requireUpdatable(table, update);
  const createsNothing = update.actions.size > 0 && [...update.actions.values()].every(takesOnly);
  return {
    table,
    key,
    decide(before) {
      condition.require(before);
      const item = applyUpdate(before ?? key, update);
      // What only takes away makes no item of none.
      if (before === undefined && createsNothing) return { kind: 'keep' };
      requireUpdated(table, update, item);
      return { kind: 'put', item };
    },
  };
}

function takesOnly(tree: PathTree<UpdateAction>): boolean {
  return tree.kind === 'leaf' && (tree.leaf.kind === 'remove' || tree.leaf.kind === 'delete');
}

function requireUpdatable(table: Table, { paths, setTypes }: Update): void {
  const touched = new Set(paths.map(([name]) => name));
  for (const { name } of attributesOf(table.key)) {
    if (touched.has(name))
      throw validationException(
        `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
      );
  }
  for (const index of globalFirst(table)) {
    for (const { name, type } of attributesOf(index.key)) {
      const set = setTypes.get(name);
      if (set !== undefined && set !== type)
        throw validationException(
          `One or more parameter values were invalid: Type mismatch for Index Key ${name} Expected: ${type} Actual: ${set} IndexName: ${index.name}`,
        );
    }
  }
  requireScalarKeys(table, nestedIn(paths));
}

function requireUpdated(table: Table, { setTypes, paths }: Update, item: Item): void {
  if (itemSizeBytes(item, itemBytesMax) > itemBytesMax) throw tooLargeAfterUpdate();
  const touched = new Set(paths.map(([name]) => name));
  for (const index of table.indexes) {
    for (const { name, type } of attributesOf(index.key)) {
      const value: AttributeValue | undefined = item[name];
      if (value !== undefined && touched.has(name) && !setTypes.has(name) && typeOf(value) !== type)
        throw validationException(
          'The update expression attempted to update the secondary index key to unsupported type',
        );
    }
  }
  if (table.indexes.length > 0) requireIndexKeys(table, item);
  requireLevels(item);
}

function returned(wanted: string | undefined, { paths }: Update, { before, after }: ItemWritten): Item | undefined {
  if (wanted === 'ALL_OLD') return before;
  if (wanted === 'ALL_NEW') return after;
  if (wanted === 'UPDATED_OLD') return someOf(before, paths);
  return wanted === 'UPDATED_NEW' ? someOf(after, paths) : undefined;
}

/** Undefined: the item has nothing there. */
export function someOf(item: Item | undefined, paths: Update['paths']): Item | undefined {
  if (item === undefined) return undefined;
  const part = project(item, projectionOf(paths));
  return Object.keys(part).length === 0 ? undefined : part;
}
