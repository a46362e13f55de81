import type { Entry, Records } from '../../store/records.ts';
import type { ListOptions } from '../bucket.ts';
import { afterPrefix } from '../../store/key-order.ts';

/** Entries read at once: the first page of a listing with a delimiter, and the most. */
const pageLengthMin = 32;
const pageLengthMax = 1_001;

export type KeyListing = { items: { name: string; entry: Entry }[]; prefixes: string[]; next?: string };

/**
 * The names under `folder` in the order of their bytes, with those that share a common prefix rolled up. What is rolled up is
 * skipped by a jump, not read: a listing costs what it shows, however much lies below.
 *
 * A name is what follows `folder` in a record's key; `keyOf` gives the part of it in which the delimiter counts.
 */
export async function listKeys(
  records: Records,
  folder: string,
  { prefix = '', delimiter = '', after = '', limit }: ListOptions,
  keyOf: (name: string) => string = (name) => name,
): Promise<KeyListing> {
  const items: KeyListing['items'] = [];
  const prefixes: string[] = [];
  if (limit === 0) return { items, prefixes };

  // A common prefix is an element of the listing like a key: to be after a name below it is to be after all of it.
  const passed = commonPrefix(keyOf(after), prefix, delimiter);
  let position: { after?: string; from?: string } = after === '' ? {} : { after: folder + after };
  if (passed !== undefined) {
    const from = afterPrefix(passed);
    if (from === undefined) return { items, prefixes };
    position = { from: folder + from };
  }

  let pageLength = delimiter === '' ? Math.min(limit + 1, pageLengthMax) : pageLengthMin;
  let last = '';
  for (;;) {
    const page = await records.range({ prefix: folder + prefix, ...position, limit: pageLength });
    let skipping: string | undefined;
    for (const entry of page) {
      const name = entry.key.slice(folder.length);
      if (skipping !== undefined && name.startsWith(skipping)) continue;
      if (items.length + prefixes.length === limit) return { items, prefixes, next: last };
      skipping = commonPrefix(keyOf(name), prefix, delimiter);
      if (skipping === undefined) items.push({ name, entry });
      else prefixes.push(skipping);
      last = skipping ?? name;
    }
    const end = page.at(-1);
    if (end === undefined || page.length < pageLength) return { items, prefixes };
    if (skipping === undefined) {
      position = { after: end.key };
      pageLength = Math.min(pageLength * 2, pageLengthMax);
    } else {
      const from = afterPrefix(skipping);
      if (from === undefined) return { items, prefixes };
      position = { from: folder + from };
      pageLength = pageLengthMin;
    }
  }
}

/** `photos/` of `photos/2026/a.jpg`, for the empty prefix and the delimiter `/`. */
function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined;
  const index = key.indexOf(delimiter, prefix.length);
  return index === -1 ? undefined : key.slice(0, index + delimiter.length);
}
