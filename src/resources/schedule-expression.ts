/**
 * When a schedule fires, as text to a value: `rate(5 minutes)` and `cron(0 12 * * ? *)` in EventBridge's grammar.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
import { PlatformError } from '../util/errors.ts';

export type ScheduleExpression = { kind: 'rate'; periodMs: number } | { kind: 'cron'; cron: Cron };

/** Each list sorted, without duplicates, never empty. */
export type Cron = {
  minutes: readonly number[];
  hours: readonly number[];
  days: { kind: 'dates'; rules: readonly DateRule[] } | { kind: 'weekdays'; rules: readonly WeekdayRule[] };
  months: readonly number[];
  years: readonly number[];
};

export type DateRule =
  | { kind: 'date'; date: number }
  /** `L` */
  | { kind: 'last' }
  /** `15W`: the weekday (Monday to Friday) nearest to that date, in the same month. */
  | { kind: 'nearest_weekday'; date: number }
  /** `LW` */
  | { kind: 'last_weekday' };

/** `weekday`: 1 is Sunday, 7 Saturday, as EventBridge counts. */
export type WeekdayRule =
  | { kind: 'every'; weekday: number }
  /** `3#2`: the second Tuesday. */
  | { kind: 'nth'; weekday: number; nth: number }
  /** `6L`: the last Friday. */
  | { kind: 'last'; weekday: number };

type Field = { name: string; min: number; max: number; names?: readonly string[] };

const fields = {
  minutes: { name: 'minutes', min: 0, max: 59 },
  hours: { name: 'hours', min: 0, max: 23 },
  dates: { name: 'day-of-month', min: 1, max: 31 },
  months: {
    name: 'month',
    min: 1,
    max: 12,
    names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  weekdays: { name: 'day-of-week', min: 1, max: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
  years: { name: 'year', min: 1970, max: 2199 },
} as const satisfies Record<string, Field>;

/** Longer text is refused unread; the longest sensible list of years is far below. */
const expressionCharactersMax = 256;

const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** Throws `invalid_argument`, naming the field of the expression and what it accepts. */
export function parseScheduleExpression(text: string): ScheduleExpression {
  if (text.length > expressionCharactersMax) {
    refuse(text.slice(0, 40), `is longer than ${expressionCharactersMax} characters`);
  }
  const match = /^(rate|cron)\((.*)\)$/.exec(text);
  if (match === null) refuse(text, 'is neither `rate(5 minutes)` nor `cron(0 12 * * ? *)`');
  const inner = match[2] ?? '';
  return match[1] === 'rate' ? parseRate(text, inner) : parseCron(text, inner);
}

/** Throws `invalid_argument` for a name that this machine's time zone data does not have. */
export function parseTimeZone(name: string): string {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return name;
  } catch (cause) {
    throw new PlatformError(
      'invalid_argument',
      `The time zone "${name}" is not known. An IANA name is accepted, such as Europe/Zurich or UTC.`,
      { cause, field: 'timeZone' },
    );
  }
}

function parseRate(text: string, inner: string): ScheduleExpression {
  const match = /^([1-9]\d{0,8}) (minute|hour|day)(s?)$/.exec(inner);
  if (match === null) {
    refuse(text, 'is not a rate: a whole number from 1, one space, and minute(s), hour(s) or day(s) is accepted');
  }
  const value = Number(match[1]);
  const unit = match[2] as keyof typeof unitMs;
  if ((value === 1) !== (match[3] === '')) {
    refuse(text, `must be written rate(${value} ${unit}${value === 1 ? '' : 's'})`);
  }
  return { kind: 'rate', periodMs: value * unitMs[unit] };
}

function parseCron(text: string, inner: string): ScheduleExpression {
  const parts = inner.trim().split(/\s+/);
  const [minutes, hours, dates, months, weekdays, years] = parts;
  if (
    parts.length !== 6 ||
    minutes === undefined ||
    hours === undefined ||
    dates === undefined ||
    months === undefined ||
    weekdays === undefined ||
    years === undefined
  ) {
    refuse(
      text,
      `has ${parts.length} fields; six are accepted: minutes hours day-of-month month day-of-week year, such as cron(0 12 * * ? *)`,
    );
  }
  if ((dates === '?') === (weekdays === '?')) {
    refuse(text, 'must have ? in exactly one of day-of-month and day-of-week');
  }
  const days =
    weekdays === '?'
      ? ({ kind: 'dates', rules: parseDates(text, dates) } as const)
      : ({ kind: 'weekdays', rules: parseWeekdays(text, weekdays) } as const);
  return {
    kind: 'cron',
    cron: {
      minutes: parseNumbers(text, fields.minutes, minutes),
      hours: parseNumbers(text, fields.hours, hours),
      days,
      months: parseNumbers(text, fields.months, months),
      years: parseNumbers(text, fields.years, years),
    },
  };
}

function parseDates(text: string, value: string): DateRule[] {
  return value.split(',').flatMap((item): DateRule[] => {
    if (item === 'L') return [{ kind: 'last' }];
    if (item === 'LW') return [{ kind: 'last_weekday' }];
    const nearest = /^(\d+)W$/.exec(item);
    if (nearest !== null) {
      return [{ kind: 'nearest_weekday', date: parseNumber(text, fields.dates, nearest[1] ?? '') }];
    }
    return parseItem(text, fields.dates, item).map((date) => ({ kind: 'date', date }));
  });
}

function parseWeekdays(text: string, value: string): WeekdayRule[] {
  const items = value.split(',');
  return items.flatMap((item): WeekdayRule[] => {
    if (item === 'L') return [{ kind: 'every', weekday: 7 }];
    const last = /^(\w+)L$/.exec(item);
    if (last !== null) return [{ kind: 'last', weekday: parseNumber(text, fields.weekdays, last[1] ?? '') }];
    const nth = /^(\w+)#(\w+)$/.exec(item);
    if (nth !== null) {
      if (items.length > 1) refuse(text, 'has # beside other values in day-of-week; it stands alone there');
      if (!/^[1-5]$/.test(nth[2] ?? ''))
        refuse(text, `has "${item}" in day-of-week; after # a number from 1 to 5 is accepted`);
      return [{ kind: 'nth', weekday: parseNumber(text, fields.weekdays, nth[1] ?? ''), nth: Number(nth[2]) }];
    }
    return parseItem(text, fields.weekdays, item).map((weekday) => ({ kind: 'every', weekday }));
  });
}

function parseNumbers(text: string, field: Field, value: string): number[] {
  const numbers = value.split(',').flatMap((item) => parseItem(text, field, item));
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** `*`, `5`, `1-5`, and each with `/step`; `5/10` runs from 5 to the field's end. */
function parseItem(text: string, field: Field, item: string): number[] {
  const [range = '', stepText, ...more] = item.split('/');
  if (more.length > 0) refuse(text, `has "${item}" in ${field.name}; one / is accepted`);
  const step = stepText === undefined ? 1 : Number(/^[1-9]\d{0,3}$/.exec(stepText)?.[0] ?? Number.NaN);
  if (Number.isNaN(step)) refuse(text, `has "${item}" in ${field.name}; after / a whole number from 1 is accepted`);
  const [fromText = '', toText, ...rest] = range.split('-');
  if (rest.length > 0) refuse(text, `has "${item}" in ${field.name}; one - is accepted`);
  let from: number;
  let to: number;
  if (range === '*') {
    [from, to] = [field.min, field.max];
  } else {
    from = parseNumber(text, field, fromText);
    to = toText !== undefined ? parseNumber(text, field, toText) : stepText === undefined ? from : field.max;
  }
  if (to < from) {
    refuse(text, `has the range "${range}" in ${field.name}, which ends before it begins; write it as two ranges`);
  }
  const numbers: number[] = [];
  for (let number = from; number <= to; number += step) numbers.push(number);
  return numbers;
}

function parseNumber(text: string, field: Field, value: string): number {
  const named = field.names?.indexOf(value.toUpperCase()) ?? -1;
  const number = named >= 0 ? field.min + named : /^\d{1,4}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(number) || number < field.min || number > field.max) {
    const names = field.names === undefined ? '' : ` or ${field.names[0]}-${field.names.at(-1)}`;
    refuse(text, `has "${value}" in ${field.name}; ${field.min}-${field.max}${names} is accepted`);
  }
  return number;
}

function refuse(text: string, why: string): never {
  throw new PlatformError('invalid_argument', `The schedule expression "${text}" ${why}.`, { field: 'expression' });
}
