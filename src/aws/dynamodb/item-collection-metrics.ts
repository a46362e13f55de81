/** ReturnItemCollectionMetrics. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ItemCollectionMetrics.html */
import { type Item, newItem } from '../../resources/table/attribute-value.ts';
import type { Table } from '../../resources/table/table.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';

const gigabyte = 1024 ** 3;

export type ItemCollectionMetrics = { ItemCollectionKey: Item; SizeEstimateRangeGB: [number, number] };

/**
 * Undefined: not wanted, or the table has no local index, and so no collections. How large one collection is, nobody counts:
 * it is at most as large as the table, and that is the range.
 */
export function itemCollectionMetrics(
  { tables }: Pick<DynamoDbParts, 'tables'>,
  wanted: string | undefined,
  table: Table,
  key: Item,
): ItemCollectionMetrics | undefined {
  if (wanted !== 'SIZE' || !table.indexes.some((index) => index.kind === 'local')) return undefined;
  const { name } = table.key.partition;
  const value = key[name];
  if (value === undefined) return undefined;
  const most = Math.max(1, Math.ceil(tables.tally(table).bytes / gigabyte));
  return { ItemCollectionKey: newItem([[name, value]]), SizeEstimateRangeGB: [0, most] };
}
