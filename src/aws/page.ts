import { PlatformError } from '../util/errors.ts';

/** What EventBridge and its like answer at once, whatever a caller asks for. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html */
const pageMax = 100;

/** Of what is sorted by `keyOf`, the items after the key that `token` names. Throws ValidationException for a token that is not ours. */
export function pageOf<Item>(
  items: readonly Item[],
  { token, limit = pageMax }: { token: string | undefined; limit: number | undefined },
  keyOf: (item: Item) => string,
): { page: Item[]; NextToken?: string } {
  const after = token === undefined ? undefined : decode(token);
  const left = after === undefined ? items : items.filter((item) => keyOf(item) > after);
  const page = left.slice(0, Math.min(limit, pageMax));
  const last = page.at(-1);
  const hasMore = last !== undefined && left.length > page.length;
  return { page: [...page], ...(hasMore && { NextToken: Buffer.from(keyOf(last)).toString('base64url') }) };
}

function decode(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (/^[A-Za-z0-9_./:-]{1,400}$/.test(key)) return key;
  throw new PlatformError('invalid_argument', 'The NextToken is not one that this operation has answered.', {
    reason: 'ValidationException',
    field: 'NextToken',
  });
}
