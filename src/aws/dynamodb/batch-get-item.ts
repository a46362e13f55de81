import type { BatchGetItemInput, KeysAndAttributes } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../resources/table/attribute-value.ts';
import { readUnits } from '../../resources/table/capacity.ts';
import { itemSizeBytes } from '../../resources/table/item-size.ts';
import type { Table } from '../../resources/table/table.ts';
import type { OperationEntry } from '../service.ts';
import { readItem } from './attribute-input.ts';
import { type ConsumedCapacityAnswer, consumedCapacity } from './consumed-capacity.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { createExpressionNames } from './expression/expression-names.ts';
import { project, type Projection } from './expression/projection.ts';
import { validationException } from './expression/validation-exception.ts';
import { leadingKeysOf, requireDistinctKeys, requireKey } from './item-keys.ts';
import { itemOperation } from './item-operation.ts';
import { requireNoMix } from './parameter-mix.ts';
import { readProjection } from './read-projection.ts';
import { onItems } from './table-reference.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const keysMax = 100;
const answerBytesMax = 16 * 1024 * 1024;

type ReadKeys = { name: string; asked: KeysAndAttributes; keys: readonly Item[]; projection: Projection | undefined };

export function batchGetItem(parts: DynamoDbParts): OperationEntry {
  return itemOperation({
    read: readBatch,
    access: (context, input, requests) =>
      requests.map(({ name, keys, projection }) =>
        onItems(context, 'BatchGetItem', name, {
          leadingKeys: leadingKeysOf(parts, context, name, keys),
          attributes: [...keys.flatMap((key) => Object.keys(key)), ...(projection?.keys() ?? [])],
          select: projection === undefined ? 'ALL_ATTRIBUTES' : 'SPECIFIC_ATTRIBUTES',
          returnConsumedCapacity: input.ReturnConsumedCapacity,
        }),
      ),
    async run(context, input, requests) {
      const opened: { table: Table; request: ReadKeys }[] = [];
      for (const request of requests) {
        const table = await parts.openTable(context, request.name);
        for (const key of request.keys) requireKey(table, key);
        requireDistinctKeys(table, request.keys);
        opened.push({ table, request });
      }
      const responses: Record<string, Item[]> = Object.create(null);
      const unprocessed: Record<string, object> = Object.create(null);
      const consumed: ConsumedCapacityAnswer[] = [];
      let bytes = 0;
      for (const { table, request } of opened) {
        const { name, asked, keys, projection } = request;
        const kind = asked.ConsistentRead === true ? 'strong' : 'eventual';
        const items = await parts.tables.items.readEach(table, keys);
        const found: Item[] = [];
        const left: Item[] = [];
        let units = 0;
        for (const [index, item] of items.entries()) {
          const size = item === undefined ? 0 : itemSizeBytes(item);
          const key = keys[index];
          if (bytes + size > answerBytesMax && key !== undefined) {
            left.push(key);
            continue;
          }
          bytes += size;
          units += readUnits(size, kind);
          if (item !== undefined) found.push(projection === undefined ? item : project(item, projection));
        }
        parts.used(table, { readUnits: units });
        responses[name] = found;
        if (left.length > 0) unprocessed[name] = { ...asked, Keys: left };
        const answer = consumedCapacity(input.ReturnConsumedCapacity, name, table, { table: units, indexes: {} });
        if (answer !== undefined) consumed.push(answer);
      }
      return {
        Responses: responses,
        UnprocessedKeys: unprocessed,
        ConsumedCapacity: consumed.length === 0 ? undefined : consumed,
      };
    },
  });
}

/** Errors: ValidationException. */
function readBatch(input: BatchGetItemInput): readonly ReadKeys[] {
  const requests = Object.entries(input.RequestItems ?? {});
  if (requests.length === 0) throw validationException('The requestItems parameter is required for BatchGetItem');
  let count = 0;
  return requests.map(([name, asked]) => {
    requireNoMix(asked, { expressions: ['ProjectionExpression'], legacy: ['AttributesToGet'] });
    const names = createExpressionNames(asked.ExpressionAttributeNames, undefined);
    const projection = readProjection(asked, names);
    names.requireAllUsed();
    const keys = (asked.Keys ?? []).map((key) => readItem(key));
    if (keys.length > keysMax) throw tooManyKeys(name, keys.length);
    count += keys.length;
    if (count > keysMax) throw validationException('Too many items requested for the BatchGetItem call');
    return { name, asked, keys, projection };
  });
}

const tooManyKeys = (name: string, count: number): Error =>
  validationException(
    `1 validation error detected: Value '[${Array.from({ length: count }, () => 'Key').join(', ')}]' at 'requestItems.${name}.member.keys' failed to satisfy constraint: Member must have length less than or equal to ${keysMax}`,
  );
