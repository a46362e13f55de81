import { invalidParameter } from './ses-errors.ts';

/** By name; a page's token is the last name of the page before. */
export function pageOf<Item extends { name: string }>(
  items: readonly Item[],
  token: string | undefined,
  size: number,
): { page: readonly Item[]; NextToken?: string } {
  const after = token === undefined ? '' : decode(token);
  const rest = items.filter(({ name }) => name > after);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  return {
    page,
    ...(last !== undefined && rest.length > page.length && { NextToken: Buffer.from(last.name).toString('base64url') }),
  };
}

function decode(token: string): string {
  const name = Buffer.from(token, 'base64url').toString();
  if (name !== '' && Buffer.from(name).toString('base64url') === token) return name;
  throw invalidParameter('The NextToken is not valid.', 'NextToken');
}
