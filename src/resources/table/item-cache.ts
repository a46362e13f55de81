/**
 * Items that were read or written lately, as they are on disk: looking into the store while others write, and opening what is
 * there, is a sixth of what a write takes. Those least lately used go first.
 */
import type { AttributeValue, Item } from './attribute-value.ts';

/** Of all tables together, as `heldBytes` counts: some twenty thousand small items. */
const cachedBytesMax = 16 * 1024 * 1024;
/** Larger ones would push out too many others. */
const itemBytesMax = 64 * 1024;
/** What an entry takes beside its item. */
const entryBytes = 200;
/** About what V8 takes for a value's object, for that of a map, and for a name, beside their letters. What an item counts for says nothing of it: an empty map counts four bytes. */
const valueBytes = 40;
const mapBytes = 240;
const nameBytes = 24;

export class ItemCache {
  readonly #items = new Map<string, { item: Item; bytes: number }>();
  #bytes = 0;

  get(place: string): Item | undefined {
    const held = this.#items.get(place);
    if (held === undefined) return undefined;
    this.#items.delete(place);
    this.#items.set(place, held);
    return held.item;
  }

  put(place: string, item: Item): void {
    this.drop(place);
    const bytes = heldBytes(item) + entryBytes;
    if (bytes > itemBytesMax) return;
    this.#items.set(place, { item, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#items.keys()) {
      if (this.#bytes <= cachedBytesMax) break;
      this.drop(oldest);
    }
  }

  drop(place: string): void {
    this.#bytes -= this.#items.get(place)?.bytes ?? 0;
    this.#items.delete(place);
  }
}

/** About what an item takes in memory; of one that is too large only so much that it is. */
function heldBytes(item: Item): number {
  let bytes = mapBytes;
  for (const name in item) {
    bytes += nameBytes + name.length + heldBytesOf(item[name] as AttributeValue);
    if (bytes > itemBytesMax) break;
  }
  return bytes;
}

function heldBytesOf(value: AttributeValue): number {
  if ('S' in value) return valueBytes + value.S.length;
  if ('N' in value) return valueBytes + value.N.length;
  if ('B' in value) return 2 * valueBytes + value.B.byteLength;
  if ('M' in value) return valueBytes + heldBytes(value.M);
  let bytes = valueBytes;
  if ('L' in value) {
    for (const element of value.L) {
      bytes += heldBytesOf(element);
      if (bytes > itemBytesMax) break;
    }
    return bytes;
  }
  const members = 'SS' in value ? value.SS : 'NS' in value ? value.NS : 'BS' in value ? value.BS : [];
  for (const member of members) bytes += valueBytes + member.length;
  return bytes;
}
