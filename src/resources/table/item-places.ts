/**
 * Where the items of a table and the entries of its indexes lie among the records:
 *
 *   table-item/<table's id>/<index's id>/<digest of the partition key>/<sort key> <digest of the item's whole key, in an index>
 *
 * The table itself is the index `0`. So a partition's items lie together in the order of their sort keys, and an index is
 * read as a table is. Of a partition key nothing can be read there; a sort key is written as it is, for its order.
 */
import type { AttributeValue, Item } from './attribute-value.ts';
import { newItem } from './attribute-value.ts';
import type { SortCondition } from './item-page.ts';
import { keyText, type KeyValue } from './key-text.ts';
import type { TableCipher } from './table-cipher.ts';
import {
  attributesOf,
  type KeyAttribute,
  type Projection,
  type Table,
  type TableIndex,
  type TableKey,
} from './table.ts';

export const itemPrefix = 'table-item/';
const ownIndex = '0';
/** Entries of items that end at a time, by that time. */
export const expiryIndex = 'expiry';

const tablePrefix = (tableId: string): string => `${itemPrefix}${tableId}/`;
export const indexPrefix = (tableId: string, indexId = ownIndex): string => `${tablePrefix(tableId)}${indexId}/`;

/** The value of a key's attribute; undefined: it is not there, or of another type. */
export function keyValueOf(item: Item, { name, type }: KeyAttribute): KeyValue | undefined {
  const value = item[name];
  return value !== undefined && type in value ? (value as KeyValue) : undefined;
}

/** Below it is everything of one partition. */
export const partitionPrefix = (
  table: Pick<Table, 'id'>,
  cipher: TableCipher,
  partition: KeyValue,
  index?: TableIndex,
): string => `${indexPrefix(table.id, index?.id)}${cipher.digest(keyText(partition))}/`;

/** `place`: of an item. */
export function partitionDigest(table: Pick<Table, 'id'>, place: string): string {
  const at = indexPrefix(table.id).length;
  return place.slice(at, place.indexOf('/', at));
}

/** Of the item itself. Undefined: these are not all attributes of its key. */
export function itemPlace(table: Pick<Table, 'id' | 'key'>, cipher: TableCipher, item: Item): string | undefined {
  const partition = keyValueOf(item, table.key.partition);
  const sort = sortText(item, table.key);
  return partition === undefined || sort === undefined
    ? undefined
    : `${partitionPrefix(table, cipher, partition)}${sort}`;
}

/** Of its entry in an index; undefined: it has none there. */
export function entryPlace(
  table: Pick<Table, 'id' | 'key'>,
  cipher: TableCipher,
  index: TableIndex,
  item: Item,
): string | undefined {
  const partition = keyValueOf(item, index.key.partition);
  const sort = sortText(item, index.key);
  return partition === undefined || sort === undefined
    ? undefined
    : `${partitionPrefix(table, cipher, partition, index)}${sort}${itemDigest(table, cipher, item)}`;
}

/** Of what an item's end is found by; undefined: it has none. `value`: of the attribute that says when. */
export function expiryPlace(
  table: Pick<Table, 'id' | 'key'>,
  cipher: TableCipher,
  attribute: string,
  item: Item,
): string | undefined {
  const value = item[attribute];
  return value === undefined || !('N' in value)
    ? undefined
    : `${indexPrefix(table.id, expiryIndex)}${keyText(value)} ${itemDigest(table, cipher, item)}`;
}

/** What comes before everything that ends after `seconds`. */
export const expiryBound = (table: Pick<Table, 'id'>, seconds: number): string =>
  `${indexPrefix(table.id, expiryIndex)}${keyText({ N: String(seconds) })}!`;

/** What lies in an index of an item: its keys, those of the index, and what that has beside. */
export function projected(key: TableKey, index: Pick<TableIndex, 'key' | 'projection'>, item: Item): Item {
  const names = projectedNames(key, index.key, index.projection);
  if (names === undefined) return item;
  const part = newItem();
  for (const name of names) {
    const value = item[name];
    if (value !== undefined) part[name] = value;
  }
  return part;
}

function projectedNames(key: TableKey, indexKey: TableKey, projection: Projection): Iterable<string> | undefined {
  if (projection.kind === 'ALL') return undefined;
  const more = projection.kind === 'INCLUDE' ? projection.attributes : [];
  return new Set([...keyNames(key), ...keyNames(indexKey), ...more]);
}

const keyNames = (key: TableKey): string[] => attributesOf(key).map(({ name }) => name);

/** The attributes of an item by which it is found, in the table and in the index. */
export function keyOf(item: Item, key: TableKey, indexKey?: TableKey): Item {
  const part = newItem();
  for (const name of [...keyNames(key), ...(indexKey === undefined ? [] : keyNames(indexKey))])
    part[name] = item[name] as AttributeValue;
  return part;
}

/** Bounds of the records of a partition for which a condition of the sort key holds. */
export function sortBounds(
  prefix: string,
  condition: SortCondition | undefined,
): { prefix: string; from?: string; before?: string } {
  if (condition === undefined) return { prefix };
  // A space ends a text, and sorts before whatever a longer one has there; `!` is the next character.
  if (condition.operator === 'between')
    return { prefix, from: `${prefix}${keyText(condition.low)} `, before: `${prefix}${keyText(condition.high)}!` };
  const place = `${prefix}${keyText(condition.value)}`;
  switch (condition.operator) {
    case '=':
      return { prefix: `${place} ` };
    case 'begins_with':
      return { prefix: place };
    case '<':
      return { prefix, before: `${place} ` };
    case '<=':
      return { prefix, before: `${place}!` };
    case '>':
      return { prefix, from: `${place}!` };
    case '>=':
      return { prefix, from: `${place} ` };
  }
}

/** Of as many of the digests as a segment has; digests begin with eight digits of chance. */
export function segmentBounds(prefix: string, number: number, of: number): { from: string; before?: string } {
  const bound = (at: number): string =>
    `${prefix}${Math.floor((at * 2 ** 32) / of)
      .toString(16)
      .padStart(8, '0')}`;
  return { from: bound(number), ...(number + 1 < of && { before: bound(number + 1) }) };
}

function sortText(item: Item, { sort }: TableKey): string | undefined {
  if (sort === undefined) return '';
  const value = keyValueOf(item, sort);
  return value === undefined ? undefined : `${keyText(value)} `;
}

function itemDigest({ key }: Pick<Table, 'key'>, cipher: TableCipher, item: Item): string {
  const texts = attributesOf(key).map((attribute) => {
    const value = keyValueOf(item, attribute);
    return value === undefined ? '' : keyText(value);
  });
  return cipher.digest(texts.join(' '));
}
