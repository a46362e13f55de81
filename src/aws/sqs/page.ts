/** Lists of queues in pages; a page's token is the last name of the page before. */
import type { Queue } from '../../resources/queue.ts';
import { PlatformError } from '../../util/errors.ts';
import { wholeNumber } from './queue-url.ts';

/** SQS's page, and the most it answers to a caller who asks for no pages. */
const pageMax = 1_000;

type Asked = { MaxResults?: number | undefined; NextToken?: string | undefined };

/** `queues`: by name. A token only where pages were asked for. */
export function pageOf(queues: readonly Queue[], asked: Asked): { page: readonly Queue[]; NextToken?: string } {
  const max = wholeNumber('MaxResults', asked.MaxResults, 1, pageMax);
  const after = asked.NextToken === undefined ? '' : decodeToken(asked.NextToken);
  const found = queues.filter(({ name }) => name > after);
  const page = found.slice(0, max ?? pageMax);
  const last = page.at(-1);
  const hasMore = max !== undefined && last !== undefined && found.length > page.length;
  return { page, ...(hasMore && { NextToken: Buffer.from(last.name).toString('base64url') }) };
}

function decodeToken(token: string): string {
  const name = Buffer.from(token, 'base64url').toString();
  if (/^[A-Za-z0-9_-]{1,80}(?:\.fifo)?$/.test(name)) return name;
  throw new PlatformError(
    'invalid_argument',
    `Invalid NextToken value "${token.slice(0, 80)}"; the one that the page before gave is accepted.`,
    { field: 'NextToken', reason: 'InvalidParameterValue' },
  );
}
