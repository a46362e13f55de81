/**
 * Items that were read or written lately, as they are on disk: looking into the store while others write, and opening what is
 * there, is a sixth of what a write takes. Those least lately used go first.
 */
import type { Item } from './attribute-value.ts';
import { itemSizeBytes } from './item-size.ts';

/** Of all tables together: some ten thousand small items, which take a few times as much of memory. */
const cachedBytesMax = 16 * 1024 * 1024;
/** Larger ones would push out too many others. */
const itemBytesMax = 64 * 1024;
/** What an entry takes beside its item. */
const entryBytes = 200;

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
    const bytes = itemSizeBytes(item) + entryBytes;
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
