import { invalid } from './events-errors.ts';

/** What EventBridge answers at once, whatever a caller asks for. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html */
const pageMax = 100;

/** Sorted by name; a page's token is the last name of the page before. */
export function pageOf<Item>(
  items: readonly Item[],
  { NextToken, Limit = pageMax }: { NextToken?: string | undefined; Limit?: number | undefined },
  nameOf: (item: Item) => string,
): { page: Item[]; NextToken?: string } {
  const after = NextToken === undefined ? undefined : decode(NextToken);
  const left = after === undefined ? items : items.filter((item) => nameOf(item) > after);
  const page = left.slice(0, Math.min(Limit, pageMax));
  const last = page.at(-1);
  return {
    page: [...page],
    ...(last !== undefined &&
      left.length > page.length && { NextToken: Buffer.from(nameOf(last)).toString('base64url') }),
  };
}

function decode(token: string): string {
  const name = Buffer.from(token, 'base64url').toString();
  if (/^[A-Za-z0-9_./:-]{1,400}$/.test(name)) return name;
  throw invalid('The NextToken is not one that this operation has answered.', 'NextToken');
}
