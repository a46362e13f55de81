import { PlatformError } from '../util/errors.ts';

/** What EventBridge and its like answer at once, whatever a caller asks for. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html */
const pageMax = 100;

export type PageRequest = {
  token: string | undefined;
  limit: number | undefined;
  /** Sorted from the last key to the first. */
  isDescending?: boolean;
  /** What the service calls a token that is not its own; absent: ValidationException. */
  tokenError?: string;
};

/** Of what is sorted by `keyOf`, the items after the key that `token` names. Throws for a token that is not ours. */
export function pageOf<Item>(
  items: readonly Item[],
  { token, limit = pageMax, isDescending = false, tokenError = 'ValidationException' }: PageRequest,
  keyOf: (item: Item) => string,
): { page: Item[]; NextToken?: string } {
  const after = token === undefined ? undefined : decode(token, tokenError);
  const isAfter = (key: string, other: string): boolean => (isDescending ? key < other : key > other);
  const left = after === undefined ? items : items.filter((item) => isAfter(keyOf(item), after));
  const page = left.slice(0, Math.min(limit, pageMax));
  const last = page.at(-1);
  const hasMore = last !== undefined && left.length > page.length;
  return { page: [...page], ...(hasMore && { NextToken: Buffer.from(keyOf(last)).toString('base64url') }) };
}

/** Longer than any key that is listed by. */
const keyCharactersMax = 3_000;

function decode(token: string, reason: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (key.length <= keyCharactersMax && /^[\x20-\x7e]+$/.test(key)) return key;
  throw new PlatformError('invalid_argument', 'The NextToken is not one that this operation has answered.', {
    reason,
    field: 'NextToken',
  });
}
