/**
 * When a secret is rotated. Pure. A rotation is due when its window begins; the window's end is what DescribeSecret tells.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
 */
import { PlatformError } from '../../util/errors.ts';
import { parseScheduleExpression, type ScheduleExpression } from '../schedule-expression.ts';
import { nextFiring } from '../schedule.ts';
import { invalidParameter } from './secret.ts';

/** As they were given: what DescribeSecret answers. One of the first two, or neither: only when somebody asks. */
export type RotationRules = { afterDays?: number; schedule?: string; duration?: string };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html */
const periodMsMin = 4 * hourMs;
const periodMsMax = 999 * dayMs;

/** Errors: InvalidParameterException. */
export function checkRotationRules(rules: RotationRules): RotationRules {
  const { afterDays, schedule, duration } = rules;
  if (afterDays !== undefined && schedule !== undefined)
    throw invalidParameter('You can specify AutomaticallyAfterDays or ScheduleExpression, not both.', 'RotationRules');
  if (duration !== undefined && schedule === undefined && afterDays === undefined)
    throw invalidParameter('A Duration needs a ScheduleExpression.', 'RotationRules.Duration');
  const expression = schedule === undefined ? undefined : parsed(schedule);
  if (expression?.kind === 'rate' && (expression.periodMs < periodMsMin || expression.periodMs > periodMsMax))
    throw invalidParameter('A rate is from 4 hours to 999 days.', 'RotationRules.ScheduleExpression');
  const hours = duration === undefined ? undefined : Number.parseInt(duration, 10);
  if (hours !== undefined && (hours < 1 || hours > longestHours(expression)))
    throw invalidParameter('A window is as long as the time to the next one at most.', 'RotationRules.Duration');
  return rules;
}

const longestHours = (expression: ScheduleExpression | undefined): number =>
  expression?.kind === 'rate' ? Math.min(24, expression.periodMs / hourMs) : 24;

function parsed(schedule: string): ScheduleExpression {
  try {
    return parseScheduleExpression(schedule);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    throw invalidParameter(`The ScheduleExpression is not valid: ${error.message}`, 'RotationRules.ScheduleExpression');
  }
}

export type RotationWindow = { startMs: number; endMs: number };

/** The next one after `afterMs`, the latest rotation or when the rules were given. Undefined: none. */
export function nextRotation(
  { afterDays, schedule, duration }: RotationRules,
  afterMs: number,
): RotationWindow | undefined {
  const lengthMs = duration === undefined ? undefined : Number.parseInt(duration, 10) * hourMs;
  const expression = schedule === undefined ? undefined : parseScheduleExpression(schedule);
  if (expression?.kind === 'cron') {
    const startMs = nextFiring({ expression, timeZone: 'UTC', anchorMs: afterMs }, afterMs);
    return startMs === undefined
      ? undefined
      : { startMs, endMs: lengthMs === undefined ? endOfDay(startMs) : startMs + lengthMs };
  }
  const periodMs = expression?.periodMs ?? (afterDays === undefined ? undefined : afterDays * dayMs);
  if (periodMs === undefined) return undefined;
  // Days are counted from midnight to midnight, hours from the minute.
  const startMs = periodMs % dayMs === 0 ? startOfDay(afterMs + periodMs) : afterMs + periodMs;
  const usualMs = periodMs % dayMs === 0 ? dayMs - 1_000 : hourMs;
  return { startMs, endMs: startMs + (lengthMs ?? usualMs) };
}

export const startOfDay = (timeMs: number): number => timeMs - (timeMs % dayMs);
const endOfDay = (timeMs: number): number => startOfDay(timeMs) + dayMs - 1_000;
