/** Lists as IAM gives them out. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html */
import { validationError } from './iam-errors.ts';

type PageInput = { Marker?: string | undefined; MaxItems?: number | undefined };
type PageFacts = { IsTruncated: boolean; Marker?: string };

/** How many there are at once when nobody says, and at most. */
const itemsDefault = 100;
const itemsMax = 1_000;

/** `items`: in an order of their own that does not change between two pages. A marker says how many came before. */
export function pageOf<Item>(
  items: readonly Item[],
  { Marker, MaxItems }: PageInput,
): { page: Item[]; facts: PageFacts } {
  const start = Marker === undefined ? 0 : decode(Marker);
  const page = items.slice(start, start + Math.min(MaxItems ?? itemsDefault, itemsMax));
  const end = start + page.length;
  const isTruncated = end < items.length;
  return {
    page,
    facts: {
      IsTruncated: isTruncated,
      ...(isTruncated && { Marker: Buffer.from(`after ${end}`).toString('base64url') }),
    },
  };
}

function decode(marker: string): number {
  const [, count] = /^after (\d{1,9})$/.exec(Buffer.from(marker, 'base64url').toString()) ?? [];
  if (count === undefined) throw validationError(`Invalid Marker: ${marker.slice(0, 100)}`);
  return Number(count);
}

/** Those below a path (`/division/`), all of them for none. */
export const below = <Item extends { path: string }>(items: readonly Item[], prefix: string | undefined): Item[] =>
  items.filter(({ path }) => path.startsWith(prefix ?? '/'));
