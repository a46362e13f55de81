/** When a schedule of the scheduler is due next. Pure. */
import { PlatformError } from '../../util/errors.ts';
import { parseScheduleExpression, parseTimeZone, type ScheduleExpression } from '../schedule-expression.ts';
import { latestFiring, nextFiring, type Schedule } from '../schedule.ts';
import type { Scheduled } from './scheduled.ts';

export type Expression = ScheduleExpression | { kind: 'at'; atMs: number };

/** `at(2026-11-20T13:00:00)` and what `parseScheduleExpression` takes. Throws `invalid_argument`. */
export function parseExpression(text: string, timeZone: string): Expression {
  parseTimeZone(timeZone);
  const at = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$/.exec(text)?.[1];
  if (at === undefined) {
    if (text.startsWith('at(')) throw refusal(text);
    return parseScheduleExpression(text.replace(singular, 'rate(1 $1)'));
  }
  try {
    // What the spring change skips is an hour later, what the autumn change repeats its first.
    const zoned = Temporal.PlainDateTime.from(at, { overflow: 'reject' }).toZonedDateTime(timeZone);
    return { kind: 'at', atMs: zoned.epochMilliseconds };
  } catch {
    throw refusal(text);
  }
}

/** Rules of EventBridge insist on the singular, the scheduler does not: Terraform's own example has `rate(1 hours)`. */
const singular = /^rate\(1 (minute|hour|day)s\)$/;

const refusal = (text: string): PlatformError =>
  new PlatformError(
    'invalid_argument',
    `The schedule expression "${text}" is no time such as at(2026-11-20T13:00:00).`,
    {
      field: 'expression',
    },
  );

export type Due = {
  /** The time that it is due for: of several that have passed, the latest. */
  dueMs: number;
  /** When it is to be sent: within its window after that. */
  sendMs: number;
};

/**
 * What is to be sent next; undefined: nothing any more. `fraction`: of the window, for this due time (0 to 1, always the
 * same for it). Due times that passed while nobody looked are one.
 */
export function nextDue(
  scheduled: Pick<Scheduled, 'settings' | 'countedFromMs' | 'firedMs'>,
  nowMs: number,
  fraction: (dueMs: number) => number,
): Due | undefined {
  const { windowMs, endMs = Number.POSITIVE_INFINITY } = scheduled.settings;
  const dueMs = dueTime(scheduled, nowMs);
  if (dueMs === undefined || dueMs > endMs) return undefined;
  return { dueMs, sendMs: dueMs + Math.floor(windowMs * fraction(dueMs)) };
}

function dueTime(
  { settings, countedFromMs, firedMs }: Pick<Scheduled, 'settings' | 'countedFromMs' | 'firedMs'>,
  nowMs: number,
): number | undefined {
  const { expression, timeZone, startMs, endMs } = settings;
  const parsed = parseExpression(expression, timeZone);
  // A time that had passed when it was set is due at once.
  if (parsed.kind === 'at') return firedMs === undefined ? parsed.atMs : undefined;
  // A rate with a beginning is due at its beginning.
  if (parsed.kind === 'rate' && startMs !== undefined && firedMs === undefined && startMs >= countedFromMs)
    return startMs;
  const schedule: Schedule = { expression: parsed, timeZone, anchorMs: startMs ?? countedFromMs };
  const afterMs = Math.max(firedMs ?? countedFromMs, (startMs ?? 0) - 1);
  return latestFiring(schedule, afterMs, Math.min(nowMs, endMs ?? nowMs)) ?? nextFiring(schedule, afterMs);
}
