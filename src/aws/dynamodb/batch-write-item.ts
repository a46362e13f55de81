import type { BatchWriteItemInput, WriteRequest } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../resources/table/attribute-value.ts';
import type { ItemChange } from '../../resources/table/item-change.ts';
import type { Table } from '../../resources/table/table.ts';
import { PlatformError } from '../../util/errors.ts';
import type { OperationEntry } from '../service.ts';
import {
  type Consumed,
  type ConsumedCapacityAnswer,
  addConsumed,
  consumedCapacity,
  nothingConsumed,
} from './consumed-capacity.ts';
import { deleteChange, type ReadDelete, readDelete } from './delete-item.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { validationException } from './expression/validation-exception.ts';
import { type ItemCollectionMetrics, itemCollectionMetrics } from './item-collection-metrics.ts';
import { leadingKeysOf, requireDistinctKeys } from './item-keys.ts';
import { itemOperation } from './item-operation.ts';
import { putChange, type ReadPut, readPut } from './put-item.ts';
import { onItems } from './table-reference.ts';
import { writeOne } from './write-one.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const writesMax = 25;

type ReadWrite = { asked: WriteRequest } & ({ put: ReadPut } | { delete: ReadDelete });
type ReadTable = { name: string; writes: readonly ReadWrite[] };

export function batchWriteItem(parts: DynamoDbParts): OperationEntry {
  return itemOperation({
    read: readBatch,
    access: (context, input, requests) =>
      requests.map(({ name, writes }) => {
        const items = writes.map(itemOf);
        return onItems(context, 'BatchWriteItem', name, {
          leadingKeys: leadingKeysOf(parts, context, name, items),
          attributes: [...new Set(items.flatMap((item) => Object.keys(item)))],
          returnConsumedCapacity: input.ReturnConsumedCapacity,
        });
      }),
    async run(context, input, requests) {
      const opened: { table: Table; name: string; changes: { asked: WriteRequest; change: ItemChange }[] }[] = [];
      for (const { name, writes } of requests) {
        const table = await parts.openTable(context, name);
        const changes = writes.map((write) => ({ asked: write.asked, change: changeOf(table, write) }));
        requireDistinctKeys(
          table,
          changes.map(({ change }) => change.key),
        );
        opened.push({ table, name, changes });
      }
      const unprocessed: Record<string, WriteRequest[]> = Object.create(null);
      const metrics: Record<string, ItemCollectionMetrics[]> = Object.create(null);
      const consumed: ConsumedCapacityAnswer[] = [];
      await Promise.all(
        opened.map(async ({ table, name, changes }) => {
          let units: Consumed = nothingConsumed;
          const left: WriteRequest[] = [];
          const collected = new Map<string, ItemCollectionMetrics>();
          await Promise.all(
            changes.map(async ({ asked, change }) => {
              try {
                const written = await writeOne(parts, context, change);
                units = addConsumed(units, written.units);
              } catch (error) {
                // Each write stands by itself: what could not be done now is the caller's to try again.
                if (!isForLater(error)) throw error;
                left.push(asked);
                return;
              }
              const metric = itemCollectionMetrics(parts, input.ReturnItemCollectionMetrics, table, change.key);
              if (metric !== undefined) collected.set(JSON.stringify(metric.ItemCollectionKey), metric);
            }),
          );
          if (left.length > 0) unprocessed[name] = left;
          if (collected.size > 0) metrics[name] = [...collected.values()];
          const answer = consumedCapacity(input.ReturnConsumedCapacity, name, table, units);
          if (answer !== undefined) consumed.push(answer);
        }),
      );
      return {
        UnprocessedItems: unprocessed,
        ItemCollectionMetrics: Object.keys(metrics).length === 0 ? undefined : metrics,
        ConsumedCapacity: consumed.length === 0 ? undefined : consumed,
      };
    },
  });
}

const isForLater = (error: unknown): boolean =>
  error instanceof PlatformError && (error.code === 'conflict' || error.code === 'throttled');

const itemOf = (write: ReadWrite): Item => ('put' in write ? write.put.item : write.delete.key);

const changeOf = (table: Table, write: ReadWrite): ItemChange =>
  'put' in write ? putChange(table, write.put) : deleteChange(table, write.delete);

/** Errors: ValidationException. */
function readBatch(input: BatchWriteItemInput): readonly ReadTable[] {
  const requests = Object.entries(input.RequestItems ?? {});
  if (requests.length === 0)
    throw validationException(
      "1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  let count = 0;
  return requests.map(([name, asked]) => {
    count += asked.length;
    if (asked.length === 0 || asked.length > writesMax) throw wrongLength(name, asked.length);
    if (count > writesMax) throw validationException('Too many items requested for the BatchWriteItem call');
    return { name, writes: asked.map(readWrite) };
  });
}

function readWrite(asked: WriteRequest): ReadWrite {
  const { PutRequest, DeleteRequest } = asked;
  if ((PutRequest === undefined) === (DeleteRequest === undefined))
    throw validationException(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  return PutRequest === undefined
    ? { asked, delete: readDelete({ Key: DeleteRequest?.Key ?? {} }) }
    : { asked, put: readPut({ Item: PutRequest.Item ?? {} }) };
}

const wrongLength = (name: string, count: number): Error =>
  validationException(
    `1 validation error detected: Value '{${name}=[${Array.from({ length: count }, () => 'WriteRequest').join(', ')}]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to ${writesMax}, Member must have length greater than or equal to 1]`,
  );
