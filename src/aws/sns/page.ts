import { invalidParameter } from './topic-reference.ts';

/** What SNS answers at once. https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html */
const pageMax = 100;

/** In the order of `keyOf`; a page's token is the last key of the page before. */
export function pageOf<Item>(
  items: readonly Item[],
  token: string | undefined,
  keyOf: (item: Item) => string,
): { page: Item[]; NextToken?: string } {
  const after = token === undefined ? '' : decode(token);
  const sorted = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => key > after)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const page = sorted.slice(0, pageMax);
  const last = page.at(-1);
  return {
    page: page.map(({ item }) => item),
    ...(last !== undefined &&
      sorted.length > page.length && { NextToken: Buffer.from(last.key).toString('base64url') }),
  };
}

function decode(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (/^[A-Za-z0-9_.:-]{1,400}$/.test(key)) return key;
  throw invalidParameter('NextToken');
}
