/** Lambda's pages: `Marker` is where the next one begins. */
import { invalidParameterValue } from './lambda-errors.ts';

/** Lambda's own page where a caller asks for none; of some lists the most that may be asked for is lower. */
const pageMax = 50;

/**
 * `items` in the order of their keys. The marker is the last key of the page before, so that what is added or removed
 * meanwhile moves nothing. Errors: InvalidParameterValueException for a marker that no page gave.
 */
export function markerPage<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { Marker, MaxItems }: { Marker?: string | undefined; MaxItems?: number | undefined },
): { page: Item[]; next: { NextMarker?: string } } {
  const after = Marker === undefined || Marker === '' ? '' : decodeMarker(Marker);
  const rest = items
    .filter((item) => keyOf(item) > after)
    .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const page = rest.slice(0, MaxItems ?? pageMax);
  const last = page.at(-1);
  const isLast = last === undefined || page.length === rest.length;
  return { page, next: isLast ? {} : { NextMarker: Buffer.from(keyOf(last)).toString('base64url') } };
}

function decodeMarker(marker: string): string {
  const key = Buffer.from(marker, 'base64url').toString();
  if (Buffer.from(key).toString('base64url') === marker) return key;
  throw invalidParameterValue(
    `Invalid Marker '${marker.slice(0, 80)}'; the one that the page before gave is accepted.`,
  );
}
