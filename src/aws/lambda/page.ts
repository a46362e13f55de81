import { invalidParameterValue } from './lambda-errors.ts';

/** What a list answers at once, whatever a caller asks for. https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
export const pageLengthMax = 50;

export type Page<Item> = { items: readonly Item[]; NextMarker?: string };

/**
 * One page of a list. The marker names the last item of the page before, so that what is made or deleted meanwhile
 * shifts nothing; and its place, should it be gone. Errors: InvalidParameterValueException (a marker that is not ours).
 */
export function pageOf<Item>(
  all: readonly Item[],
  { Marker, MaxItems = pageLengthMax }: { Marker?: string | undefined; MaxItems?: number | undefined },
  keyOf: (item: Item) => string,
): Page<Item> {
  const start = Marker === undefined || Marker === '' ? 0 : placeAfter(all, readMarker(Marker), keyOf);
  const items = all.slice(start, start + Math.min(MaxItems, pageLengthMax));
  const last = items.at(-1);
  const end = start + items.length;
  return last === undefined || end >= all.length ? { items } : { items, NextMarker: writeMarker(keyOf(last), end - 1) };
}

function placeAfter<Item>(
  all: readonly Item[],
  { key, index }: { key: string; index: number },
  keyOf: (item: Item) => string,
): number {
  const found = all.findIndex((item) => keyOf(item) === key);
  return found < 0 ? index : found + 1;
}

const writeMarker = (key: string, index: number): string =>
  Buffer.from(JSON.stringify([key, index])).toString('base64url');

function readMarker(marker: string): { key: string; index: number } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(marker, 'base64url').toString('utf8'));
    if (Array.isArray(parsed)) {
      const [key, index]: unknown[] = parsed;
      if (typeof key === 'string' && typeof index === 'number' && index >= 0) return { key, index };
    }
  } catch {
    // Not ours.
  }
  throw invalidParameterValue('The Marker is not one that this operation has answered.', { field: 'Marker' });
}
