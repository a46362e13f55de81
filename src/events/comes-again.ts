/** What becomes of a batch that its function did not run for: it comes again, as if nothing had been asked. */
import type { InvocationResult } from '../invoke/invoke.ts';
import { never } from '../util/assert.ts';
import type { Report } from './source.ts';

type NotRun = Extract<InvocationResult, { status: 'throttled' | 'unavailable' | 'not_found' }>;

/** `source` and `waits` are for the operator: `the queue "orders"`, `its messages`. */
export function comesAgain(
  result: NotRun,
  { source, waits }: { source: string; waits: string },
  report: Report,
): { status: 'later'; retryAfterMs: number } {
  switch (result.status) {
    case 'throttled':
      return { status: 'later', retryAfterMs: result.retryAfterMs };
    case 'unavailable':
      return { status: 'later', retryAfterMs: 0 };
    case 'not_found':
      report(`${source} is bound to a function that cannot be called; ${waits} wait`, result.message);
      return { status: 'later', retryAfterMs: 0 };
    default:
      return never(result);
  }
}
