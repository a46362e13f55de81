/** `schedule: rate(5 minutes)`: again and again. The expression's grammar is EventBridge's. */
import { sourceLimits, type BindingSource } from '../../registry/binding.ts';
import { parseScheduleExpression, parseTimeZone } from '../../resources/schedule-expression.ts';
import { PlatformError } from '../../util/errors.ts';
import type { Found } from '../found.ts';
import { defaulted, either, object, optional, required } from '../shape/compound.ts';
import { text, yesOrNo } from '../shape/scalar.ts';
import { refine, type Report, type Shape } from '../shape/shape.ts';
import { anyValue } from './any-value.ts';

export type ScheduleSource = Extract<BindingSource, { kind: 'schedule' }>;

const cronField = '[0-9A-Za-z*?,/#-]+';

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
const expression = refine(
  text({
    pattern: new RegExp(
      `rate\\((?:1 (?:minute|hour|day)|(?:[2-9]|[1-9][0-9]{1,6}) (?:minutes|hours|days))\\)|cron\\(${cronField}(?: ${cronField}){5}\\)`,
    ),
    accepts:
      'rate(1 minute), rate(5 minutes), rate(2 hours) … or cron(minutes hours day-of-month month day-of-week year), such as cron(0 12 * * ? *),',
    advise: (written) => {
      const mended = mendExpression(written);
      return mended === undefined ? undefined : `Write ${mended}.`;
    },
  }),
  checked(parseScheduleExpression),
);

function mendExpression(written: string): string | undefined {
  const rate = /(\d+)?\s*(minute|min|m|hour|h|day|d)s?\s*\)?$/i.exec(written.trim());
  if (rate !== null && /^(?:rate|every|each|@every|\d)/i.test(written.trim())) {
    const count = Number(rate[1] ?? 1);
    const letter = (rate[2] ?? 'm').charAt(0).toLowerCase();
    const unit = letter === 'm' ? 'minute' : letter === 'h' ? 'hour' : 'day';
    return count < 1 ? undefined : `rate(${count} ${unit}${count === 1 ? '' : 's'})`;
  }
  const daily: Readonly<Record<string, string>> = {
    '@hourly': 'rate(1 hour)',
    '@daily': 'cron(0 0 * * ? *)',
    '@weekly': 'cron(0 0 ? * SUN *)',
    '@monthly': 'cron(0 0 1 * ? *)',
  };
  const fields = written
    .trim()
    .replace(/^cron\(|\)$/g, '')
    .trim()
    .split(/\s+/);
  if (fields.length === 5) {
    const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields.map((field) =>
      field.replace(/^\*\//, '0/'),
    );
    // Unix counts Sunday as 0, EventBridge as 1; names are the same in both.
    const weekday = dayOfWeek.replaceAll(
      /\d/g,
      (digit) => ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'][Number(digit)] ?? digit,
    );
    return `cron(${minutes} ${hours} ${weekday !== '*' && dayOfMonth === '*' ? '?' : dayOfMonth} ${month} ${weekday === '*' ? '?' : weekday} *)`;
  }
  return daily[written.trim().toLowerCase()];
}

/** The parser's own sentence, which names the part of the expression. */
function checked(
  parse: (value: string) => unknown,
): (value: string, found: Found, report: Report) => string | undefined {
  return (value, found, report) => {
    try {
      parse(value);
      return value;
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      report(found, error.message);
      return undefined;
    }
  };
}

const timeZone = refine(
  text({ pattern: /[A-Za-z0-9_+/-]{1,64}/, accepts: 'a time zone of the IANA list, such as UTC or Europe/Zurich,' }),
  checked(parseTimeZone),
);

const { inputLengthMax } = sourceLimits;

const fromMap = object(
  {
    expression: required(expression, 'rate(5 minutes) or cron(0 12 * * ? *).', 'expression: rate(5 minutes)'),
    timeZone: defaulted(timeZone, 'UTC', 'UTC', 'In which a cron expression counts, by its IANA name.'),
    input: optional(
      anyValue('the input', inputLengthMax),
      "The event that the function receives, instead of the schedule's own.",
    ),
    enabled: defaulted(yesOrNo(), true, true, 'Whether it runs.'),
  },
  {
    accepts: 'a map of expression, timeZone, input and enabled',
    hints: {
      rate: 'it is called expression: rate(5 minutes)',
      cron: 'it is called expression: cron(0 12 * * ? *)',
      timezone: 'it is called timeZone',
      inputpath: 'give the whole event as input',
    },
  },
);

export const scheduleEvent: Shape<ScheduleSource> = either<ScheduleSource>({
  text: refine(
    expression,
    (value) => ({ kind: 'schedule', expression: value, timeZone: 'UTC', enabled: true }) as const,
  ),
  map: refine(fromMap, ({ input: given, ...rest }): ScheduleSource => ({
    kind: 'schedule',
    ...rest,
    ...(given === undefined ? {} : { input: given }),
  })),
});
