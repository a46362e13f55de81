/** What a stream's record says of an item that has changed, as text and back. Pure. */
import type { Cause } from '../../util/cause.ts';
import { isSameItem, type Item } from '../table/attribute-value.ts';
import { writtenItem, type WrittenItem } from '../table/item-codec.ts';
import { itemSizeBytes } from '../table/item-size.ts';
import type { StreamView } from '../table/table.ts';
import type { TableChange } from '../table/table-changes.ts';

export type ChangeName = 'INSERT' | 'MODIFY' | 'REMOVE';

export type ChangedItem = {
  name: ChangeName;
  /** As JSON: what most who read it want it to be. */
  keys: WrittenItem;
  after?: WrittenItem;
  before?: WrittenItem;
  /** Of keys and images. */
  bytes: number;
  /** The item's time was over: nobody has deleted it. */
  byExpiry: boolean;
  cause: Cause;
};

/**
 * Undefined: nothing has changed, which streams do not tell of.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html
 */
export function changeText(
  { key, before, after, cause, byExpiry }: Omit<TableChange, 'table' | 'partition' | 'cipher'>,
  view: StreamView,
): string | undefined {
  const name = nameOf(before, after);
  if (name === undefined) return undefined;
  const shownAfter = view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES' ? after : undefined;
  const shownBefore = view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES' ? before : undefined;
  const shown = [key, shownAfter, shownBefore].filter((item) => item !== undefined);
  const change: ChangedItem = {
    name,
    keys: writtenItem(key),
    ...(shownAfter !== undefined && { after: writtenItem(shownAfter) }),
    ...(shownBefore !== undefined && { before: writtenItem(shownBefore) }),
    bytes: shown.reduce((bytes, item) => bytes + itemSizeBytes(item), 0),
    byExpiry,
    cause,
  };
  return JSON.stringify(change);
}

export const changeOf = (text: string): ChangedItem => JSON.parse(text) as ChangedItem;

function nameOf(before: Item | undefined, after: Item | undefined): ChangeName | undefined {
  if (before === undefined) return after === undefined ? undefined : 'INSERT';
  if (after === undefined) return 'REMOVE';
  return isSameItem(before, after) ? undefined : 'MODIFY';
}
