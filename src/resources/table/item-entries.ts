/** What a change of an item makes of the records of its table: its own, and those of the indexes. */
import type { Operation } from '../../store/records.ts';
import { isSameItem, type Item } from './attribute-value.ts';
import { writeUnits } from './capacity.ts';
import type { WriteUnits } from './item-change.ts';
import { encodeItem } from './item-codec.ts';
import { entryPlace, expiryPlace, itemPlace, projected } from './item-places.ts';
import { itemSizeBytes } from './item-size.ts';
import type { TableCipher } from './table-cipher.ts';
import type { Table, TableIndex } from './table.ts';
import type { Difference } from './tallies.ts';

export type EntryChanges = { operations: Operation[]; units: WriteUnits; differences: Difference[] };

type Entry = { place: string; item: Item; bytes: number };

/** `has`: whether there is an entry of the item as it was, asked of indexes that are being filled. */
export function entryChanges(
  table: Table,
  cipher: TableCipher,
  before: Item | undefined,
  after: Item | undefined,
  has: (place: string) => boolean,
): EntryChanges {
  const [bytesBefore, bytesAfter] = [before, after].map((item) => (item === undefined ? 0 : itemSizeBytes(item)));
  const indexes: Record<string, number> = {};
  const units = { table: writeUnits(Math.max(bytesBefore ?? 0, bytesAfter ?? 0)), indexes };
  const changes: EntryChanges = { operations: [], units, differences: [] };
  const { operations, differences } = changes;
  const place = itemPlace(table, cipher, after ?? before ?? {});
  if (place === undefined) return changes;

  if (after === undefined) operations.push({ kind: 'delete', key: place });
  else operations.push(sealedPut(cipher, place, after));
  differences.push({
    items: Number(after !== undefined) - Number(before !== undefined),
    bytes: (bytesAfter ?? 0) - (bytesBefore ?? 0),
  });

  for (const index of table.indexes) {
    if (index.state === 'deleting') continue;
    const old = before && entryOf(table, cipher, index, before);
    const next = after && entryOf(table, cipher, index, after);
    if (old === undefined && next === undefined) continue;
    // Not there yet, and not changed: whoever fills the index comes by.
    if (old?.place === next?.place && old !== undefined && next !== undefined && isSameItem(old.item, next.item))
      continue;
    if (old !== undefined && old.place !== next?.place) operations.push({ kind: 'delete', key: old.place });
    if (next !== undefined) operations.push(sealedPut(cipher, next.place, next.item));
    indexes[index.name] = unitsOf(old, next);
    const counted = old !== undefined && (index.state === 'active' || has(old.place)) ? old : undefined;
    differences.push({
      index: index.id,
      items: Number(next !== undefined) - Number(counted !== undefined),
      bytes: (next?.bytes ?? 0) - (counted?.bytes ?? 0),
    });
  }
  operations.push(...expiryChanges(table, cipher, before, after));
  return changes;
}

/** Where entries of the item are, or are to be, in indexes of which that is not known. */
export function unsurePlaces(table: Table, cipher: TableCipher, item: Item): string[] {
  return table.indexes
    .filter(({ state }) => state === 'filling')
    .flatMap((index) => entryPlace(table, cipher, index, item) ?? []);
}

/** Undefined: an item without the index's keys has none. */
export function entryOf(table: Table, cipher: TableCipher, index: TableIndex, item: Item): Entry | undefined {
  const place = entryPlace(table, cipher, index, item);
  if (place === undefined) return undefined;
  const part = projected(table.key, index, item);
  return { place, item: part, bytes: itemSizeBytes(part) };
}

export const sealedPut = (cipher: TableCipher, place: string, item: Item): Operation => ({
  kind: 'put',
  key: place,
  value: cipher.seal(encodeItem(item), place),
});

/** An entry that moves is taken away in one place and put into another. */
function unitsOf(old: Entry | undefined, next: Entry | undefined): number {
  const [oldUnits, nextUnits] = [old, next].map((entry) => (entry === undefined ? 0 : writeUnits(entry.bytes)));
  return old?.place === next?.place ? Math.max(oldUnits ?? 0, nextUnits ?? 0) : (oldUnits ?? 0) + (nextUnits ?? 0);
}

function expiryChanges(
  table: Table,
  cipher: TableCipher,
  before: Item | undefined,
  after: Item | undefined,
): Operation[] {
  if (table.expiry === undefined) return [];
  const { attribute } = table.expiry;
  const [old, next] = [before, after].map((item) => item && expiryPlace(table, cipher, attribute, item));
  if (old === next) return [];
  return [
    ...(old === undefined ? [] : [{ kind: 'delete' as const, key: old }]),
    ...(next === undefined ? [] : [expiryPut(table, cipher, next, after ?? {})]),
  ];
}

/** It holds where the item is. */
export const expiryPut = (table: Table, cipher: TableCipher, place: string, item: Item): Operation => ({
  kind: 'put',
  key: place,
  value: cipher.seal(
    encodeItem(projected(table.key, { key: table.key, projection: { kind: 'KEYS_ONLY' } }, item)),
    place,
  ),
});
