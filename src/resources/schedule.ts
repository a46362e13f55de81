/**
 * When a schedule fires next. Pure: time comes in, nothing is remembered (events/schedule.ts does that).
 *
 * In a time zone with daylight saving a cron expression follows the wall clock as EventBridge Scheduler does: a time
 * that the spring change skips does not fire; one that the autumn change repeats fires at its first occurrence only.
 * A rate counts elapsed time and knows no zone.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
 */
import { never } from '../util/assert.ts';
import type { Cron, DateRule, ScheduleExpression, WeekdayRule } from './schedule-expression.ts';

export type Schedule = {
  expression: ScheduleExpression;
  /** IANA name. */
  timeZone: string;
  /** When it was made: a rate counts from here. */
  anchorMs: number;
};

/** The first firing later than `afterMs` (epoch ms). Undefined: it never fires again. */
export function nextFiring(schedule: Schedule, afterMs: number): number | undefined {
  const { expression } = schedule;
  switch (expression.kind) {
    case 'rate': {
      const periods = Math.floor((afterMs - schedule.anchorMs) / expression.periodMs) + 1;
      return schedule.anchorMs + Math.max(1, periods) * expression.periodMs;
    }
    case 'cron':
      return nextCronFiring(expression.cron, schedule.timeZone, afterMs);
    default:
      return never(expression);
  }
}

/** The last firing in (`afterMs`, `untilMs`]: what was missed meanwhile, once. Undefined: there was none. */
export function latestFiring(schedule: Schedule, afterMs: number, untilMs: number): number | undefined {
  const first = nextFiring(schedule, afterMs);
  if (first === undefined || first > untilMs) return undefined;
  // `nextFiring` never decreases with time, so the latest moment that still has a firing before `untilMs` is bisected.
  let has = afterMs;
  let hasNot = untilMs;
  let latest = first;
  while (hasNot - has > 1) {
    const middle = Math.floor((has + hasNot) / 2);
    const firing = nextFiring(schedule, middle);
    if (firing !== undefined && firing <= untilMs) [has, latest] = [middle, firing];
    else hasNot = middle;
  }
  return latest;
}

function nextCronFiring(cron: Cron, timeZone: string, afterMs: number): number | undefined {
  const from = Temporal.Instant.fromEpochMilliseconds(afterMs)
    .toZonedDateTimeISO(timeZone)
    .toPlainDateTime()
    .with({ second: 0, millisecond: 0, microsecond: 0, nanosecond: 0 });
  // Wall-clock times in order; each stands for its first occurrence, so the instants are in order too.
  for (const time of wallClockTimes(cron, from)) {
    const zoned = time.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
    const exists = zoned.toPlainDateTime().equals(time);
    if (exists && zoned.epochMilliseconds > afterMs) return zoned.epochMilliseconds;
  }
  return undefined;
}

function* wallClockTimes(cron: Cron, from: Temporal.PlainDateTime): Generator<Temporal.PlainDateTime> {
  for (const year of cron.years) {
    if (year < from.year) continue;
    for (const month of cron.months) {
      if (year === from.year && month < from.month) continue;
      for (const day of daysOf(cron.days, year, month)) {
        const date = Temporal.PlainDate.from({ year, month, day });
        const order = Temporal.PlainDate.compare(date, from.toPlainDate());
        if (order < 0) continue;
        for (const hour of cron.hours) {
          if (order === 0 && hour < from.hour) continue;
          for (const minute of cron.minutes) {
            if (order === 0 && hour === from.hour && minute < from.minute) continue;
            yield date.toPlainDateTime({ hour, minute });
          }
        }
      }
    }
  }
}

/** The days of that month on which it fires, in order. */
function daysOf(days: Cron['days'], year: number, month: number): number[] {
  const first = Temporal.PlainDate.from({ year, month, day: 1 });
  const found =
    days.kind === 'dates'
      ? days.rules.map((rule) => dateOf(rule, first))
      : days.rules.flatMap((rule) => weekdaysOf(rule, first));
  return [...new Set(found)].filter((day) => day !== undefined).sort((a, b) => a - b);
}

function dateOf(rule: DateRule, first: Temporal.PlainDate): number | undefined {
  const last = first.daysInMonth;
  switch (rule.kind) {
    case 'date':
      return rule.date <= last ? rule.date : undefined;
    case 'last':
      return last;
    case 'nearest_weekday':
      return rule.date <= last ? nearestWeekday(first, rule.date) : undefined;
    case 'last_weekday':
      return last - Math.max(0, first.with({ day: last }).dayOfWeek - 5);
    default:
      return never(rule);
  }
}

/** Saturday moves to Friday and Sunday to Monday, unless that would leave the month. */
function nearestWeekday(first: Temporal.PlainDate, date: number): number {
  const dayOfWeek = first.with({ day: date }).dayOfWeek;
  if (dayOfWeek === 6) return date === 1 ? 3 : date - 1;
  if (dayOfWeek === 7) return date === first.daysInMonth ? date - 2 : date + 1;
  return date;
}

function weekdaysOf(rule: WeekdayRule, first: Temporal.PlainDate): number[] {
  // Temporal counts Monday as 1 and Sunday as 7, the expression Sunday as 1 and Saturday as 7.
  const firstWeekday = (first.dayOfWeek % 7) + 1;
  const earliest = 1 + ((rule.weekday - firstWeekday + 7) % 7);
  const all: number[] = [];
  for (let day = earliest; day <= first.daysInMonth; day += 7) all.push(day);
  switch (rule.kind) {
    case 'every':
      return all;
    case 'nth':
      return all.slice(rule.nth - 1, rule.nth);
    case 'last':
      return all.slice(-1);
    default:
      return never(rule);
  }
}
