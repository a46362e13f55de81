import type { TransactGetItemsInput } from '@aws-sdk/client-dynamodb';
import { readUnits } from '../../resources/table/capacity.ts';
import { itemSizeBytes } from '../../resources/table/item-size.ts';
import type { Table } from '../../resources/table/table.ts';
import type { PlatformError } from '../../util/errors.ts';
import type { OperationEntry } from '../service.ts';
import { type Consumed, addConsumed, consumedCapacity, nothingConsumed } from './consumed-capacity.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { project } from './expression/projection.ts';
import { validationException } from './expression/validation-exception.ts';
import { type ReadGet, readGet } from './get-item.ts';
import { keyTextOf, leadingKeysOf, requireKey } from './item-keys.ts';
import { itemOperation } from './item-operation.ts';
import { onItems } from './table-reference.ts';
import { attempted, transactionCanceled } from './transaction-canceled.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html */
const itemsMax = 100;
const transactionBytesMax = 4 * 1024 * 1024;

type ReadTransactGet = ReadGet & { name: string };

export function transactGetItems(parts: DynamoDbParts): OperationEntry {
  return itemOperation({
    read(input: TransactGetItemsInput): readonly ReadTransactGet[] {
      const gets = input.TransactItems ?? [];
      requireCount(gets.length);
      return gets.map(({ Get }) => {
        if (Get === undefined) throw validationException('TransactItems can only contain Get');
        return { ...readGet({ ...Get, Key: Get.Key ?? {} }), name: Get.TableName ?? '' };
      });
    },
    access: (context, input, gets) =>
      gets.map(({ name, key, projection }) =>
        onItems(context, 'GetItem', name, {
          leadingKeys: leadingKeysOf(parts, context, name, [key]),
          attributes: [...Object.keys(key), ...(projection?.keys() ?? [])],
          select: projection === undefined ? 'ALL_ATTRIBUTES' : 'SPECIFIC_ATTRIBUTES',
          returnConsumedCapacity: input.ReturnConsumedCapacity,
          enclosing: 'TransactGetItems',
        }),
      ),
    async run(context, input, gets) {
      const asked: { table: Table; get: ReadTransactGet }[] = [];
      for (const get of gets) asked.push({ table: await parts.openTable(context, get.name), get });
      requireKeys(asked);
      const items = await parts.tables.items.readTogether(asked.map(({ table, get }) => ({ table, key: get.key })));
      const sizes = items.map((item) => (item === undefined ? 0 : itemSizeBytes(item)));
      requireTransactionSize(sizes);
      const consumed = new Map<string, { table: Table; units: Consumed }>();
      for (const [index, { table, get }] of asked.entries()) {
        const units = readUnits(sizes[index] ?? 0, 'transactional');
        parts.used(table, { readUnits: units });
        const before = consumed.get(get.name)?.units ?? nothingConsumed;
        consumed.set(get.name, { table, units: addConsumed(before, { table: units, indexes: {} }) });
      }
      const capacity = [...consumed].flatMap(([name, { table, units }]) => {
        const answer = consumedCapacity(input.ReturnConsumedCapacity, name, table, units, 'read');
        return answer === undefined ? [] : [answer];
      });
      return {
        Responses: items.map((item, index) => {
          const projection = asked[index]?.get.projection;
          if (item === undefined) return {};
          return { Item: projection === undefined ? item : project(item, projection) };
        }),
        ConsumedCapacity: capacity.length === 0 ? undefined : capacity,
      };
    },
  });
}

export function requireCount(count: number): void {
  if (count >= 1 && count <= itemsMax) return;
  throw validationException(
    `1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length ${count === 0 ? 'greater than or equal to 1' : `less than or equal to ${itemsMax}`}`,
  );
}

function requireKeys(asked: readonly { table: Table; get: ReadTransactGet }[]): void {
  const seen = new Set<string>();
  const whys = asked.map(({ table, get }): PlatformError | undefined => {
    const tried = attempted(() => requireKey(table, get.key));
    if ('why' in tried) return tried.why;
    const place = `${table.id} ${keyTextOf(table, get.key)}`;
    if (seen.has(place))
      throw validationException('Transaction request cannot include multiple operations on one item');
    seen.add(place);
    return undefined;
  });
  if (whys.some((why) => why !== undefined)) throw transactionCanceled(whys);
}

/** Errors: ValidationException, where all together are more than a transaction may be. */
export function requireTransactionSize(sizes: readonly number[]): void {
  if (sizes.reduce((sum, size) => sum + size, 0) > transactionBytesMax)
    throw validationException('Transaction request cannot include items of more than 4 MB together');
}
