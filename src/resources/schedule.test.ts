import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlatformError } from '../util/errors.ts';
import { firingTable } from './firing-table.ts';
import { parseScheduleExpression, parseTimeZone } from './schedule-expression.ts';
import { latestFiring, nextFiring, type Schedule } from './schedule.ts';

const schedule = (expression: string, timeZone = 'UTC', anchor = '2026-01-01T00:00Z'): Schedule => ({
  expression: parseScheduleExpression(expression),
  timeZone,
  anchorMs: Date.parse(anchor),
});

/** The instants after `after`, as `2026-01-01T00:00Z`. */
function firings(expression: string, timeZone: string, after: string, count: number): string[] {
  const found: string[] = [];
  let atMs: number | undefined = Date.parse(after);
  while (found.length < count) {
    atMs = nextFiring(schedule(expression, timeZone), atMs);
    if (atMs === undefined) return [...found, 'never'];
    found.push(`${new Date(atMs).toISOString().slice(0, 16)}Z`);
  }
  return found;
}

type Case = [expression: string, timeZone: string, after: string, expected: string];

/** 2026-01-01 is a Thursday. */
const cases: Case[] = [
  // Examples of the vendor's page, and each wildcard.
  ['cron(0 10 * * ? *)', 'UTC', '2026-01-01T00:00Z', '2026-01-01T10:00Z 2026-01-02T10:00Z'],
  ['cron(15 12 * * ? *)', 'UTC', '2026-01-01T12:15Z', '2026-01-02T12:15Z'],
  ['cron(0 18 ? * MON-FRI *)', 'UTC', '2026-01-01T00:00Z', '2026-01-01T18:00Z 2026-01-02T18:00Z 2026-01-05T18:00Z'],
  ['cron(0 8 1 * ? *)', 'UTC', '2026-01-01T08:00Z', '2026-02-01T08:00Z 2026-03-01T08:00Z'],
  [
    'cron(0/15 * * * ? *)',
    'UTC',
    '2026-01-01T00:00Z',
    '2026-01-01T00:15Z 2026-01-01T00:30Z 2026-01-01T00:45Z 2026-01-01T01:00Z',
  ],
  ['cron(0/10 * ? * MON-FRI *)', 'UTC', '2026-01-02T23:45Z', '2026-01-02T23:50Z 2026-01-05T00:00Z'],
  ['cron(0/5 8-17 ? * MON-FRI *)', 'UTC', '2026-01-02T17:50Z', '2026-01-02T17:55Z 2026-01-05T08:00Z'],
  ['cron(0/30 20-23 * * ? *)', 'UTC', '2026-01-01T23:00Z', '2026-01-01T23:30Z 2026-01-02T20:00Z'],
  ['cron(* * * * ? *)', 'UTC', '2026-01-01T00:00Z', '2026-01-01T00:01Z 2026-01-01T00:02Z'],
  ['cron(* * * * ? *)', 'UTC', '2025-12-31T23:59:59.999Z', '2026-01-01T00:00Z'],
  ['cron(1/10 0 * * ? *)', 'UTC', '2026-01-01T00:00Z', '2026-01-01T00:01Z 2026-01-01T00:11Z 2026-01-01T00:21Z'],
  ['cron(*/20 * * * ? *)', 'UTC', '2026-01-01T00:00Z', '2026-01-01T00:20Z 2026-01-01T00:40Z 2026-01-01T01:00Z'],
  [
    'cron(10-40/10 3 * * ? *)',
    'UTC',
    '2026-01-01T00:00Z',
    '2026-01-01T03:10Z 2026-01-01T03:20Z 2026-01-01T03:30Z 2026-01-01T03:40Z 2026-01-02T03:10Z',
  ],
  ['cron(5,50,5 3 * * ? *)', 'UTC', '2026-01-01T00:00Z', '2026-01-01T03:05Z 2026-01-01T03:50Z 2026-01-02T03:05Z'],
  ['cron(0 0,12 * * ? *)', 'UTC', '2026-01-01T00:00Z', '2026-01-01T12:00Z 2026-01-02T00:00Z'],
  ['cron(0 4/8 * * ? *)', 'UTC', '2026-01-01T00:00Z', '2026-01-01T04:00Z 2026-01-01T12:00Z 2026-01-01T20:00Z'],
  // Months and years.
  ['cron(0 0 1 JAN,JUL ? *)', 'UTC', '2026-01-01T00:00Z', '2026-07-01T00:00Z 2027-01-01T00:00Z'],
  [
    'cron(0 0 1 3/4 ? *)',
    'UTC',
    '2026-01-01T00:00Z',
    '2026-03-01T00:00Z 2026-07-01T00:00Z 2026-11-01T00:00Z 2027-03-01T00:00Z',
  ],
  ['cron(0 0 1 nov-dec ? *)', 'UTC', '2026-01-01T00:00Z', '2026-11-01T00:00Z 2026-12-01T00:00Z 2027-11-01T00:00Z'],
  ['cron(0 0 1 1 ? 2030)', 'UTC', '2026-01-01T00:00Z', '2030-01-01T00:00Z never'],
  ['cron(0 0 1 1 ? 2019-2021)', 'UTC', '2026-01-01T00:00Z', 'never'],
  ['cron(0 0 1 1 ? 2020-2040/7)', 'UTC', '2026-01-01T00:00Z', '2027-01-01T00:00Z 2034-01-01T00:00Z never'],
  ['cron(59 23 31 12 ? 2199)', 'UTC', '2026-01-01T00:00Z', '2199-12-31T23:59Z never'],
  // Days of the month.
  ['cron(0 0 31 * ? *)', 'UTC', '2026-01-31T00:00Z', '2026-03-31T00:00Z 2026-05-31T00:00Z'],
  ['cron(0 0 29 2 ? *)', 'UTC', '2026-01-01T00:00Z', '2028-02-29T00:00Z 2032-02-29T00:00Z'],
  ['cron(0 0 30 2 ? *)', 'UTC', '2026-01-01T00:00Z', 'never'],
  ['cron(0 0 L * ? *)', 'UTC', '2026-01-31T00:00Z', '2026-02-28T00:00Z 2026-03-31T00:00Z'],
  ['cron(0 0 L 2 ? *)', 'UTC', '2027-03-01T00:00Z', '2028-02-29T00:00Z 2029-02-28T00:00Z'],
  ['cron(0 0 L,15 * ? *)', 'UTC', '2026-01-01T00:00Z', '2026-01-15T00:00Z 2026-01-31T00:00Z 2026-02-15T00:00Z'],
  ['cron(0 0 10-12 * ? *)', 'UTC', '2026-01-11T00:00Z', '2026-01-12T00:00Z 2026-02-10T00:00Z'],
  ['cron(0 0 1/14 * ? *)', 'UTC', '2026-01-01T00:00Z', '2026-01-15T00:00Z 2026-01-29T00:00Z 2026-02-01T00:00Z'],
  // The weekday nearest to: itself, Saturday to Friday, Sunday to Monday, and never out of the month.
  ['cron(0 0 3W * ? *)', 'UTC', '2026-01-01T00:00Z', '2026-01-02T00:00Z 2026-02-03T00:00Z'],
  ['cron(0 0 15W * ? *)', 'UTC', '2026-02-01T00:00Z', '2026-02-16T00:00Z 2026-03-16T00:00Z 2026-04-15T00:00Z'],
  ['cron(0 0 1W * ? *)', 'UTC', '2026-07-15T00:00Z', '2026-08-03T00:00Z 2026-09-01T00:00Z'],
  ['cron(0 0 31W * ? *)', 'UTC', '2026-05-01T00:00Z', '2026-05-29T00:00Z 2026-07-31T00:00Z'],
  ['cron(0 0 LW * ? *)', 'UTC', '2026-01-01T00:00Z', '2026-01-30T00:00Z 2026-02-27T00:00Z 2026-03-31T00:00Z'],
  // Days of the week.
  ['cron(0 0 ? * 1 *)', 'UTC', '2026-01-01T00:00Z', '2026-01-04T00:00Z 2026-01-11T00:00Z'],
  ['cron(0 0 ? * SUN *)', 'UTC', '2026-01-01T00:00Z', '2026-01-04T00:00Z'],
  ['cron(0 0 ? * 7 *)', 'UTC', '2026-01-01T00:00Z', '2026-01-03T00:00Z'],
  ['cron(0 0 ? * L *)', 'UTC', '2026-01-01T00:00Z', '2026-01-03T00:00Z 2026-01-10T00:00Z'],
  ['cron(0 0 ? * TUE,THU *)', 'UTC', '2026-01-01T00:00Z', '2026-01-06T00:00Z 2026-01-08T00:00Z'],
  ['cron(0 0 ? * 2-6/2 *)', 'UTC', '2026-01-01T00:00Z', '2026-01-02T00:00Z 2026-01-05T00:00Z 2026-01-07T00:00Z'],
  ['cron(0 9 ? * 2#1 *)', 'UTC', '2026-01-01T00:00Z', '2026-01-05T09:00Z 2026-02-02T09:00Z'],
  ['cron(0 9 ? * 3#2 *)', 'UTC', '2026-01-01T00:00Z', '2026-01-13T09:00Z 2026-02-10T09:00Z'],
  ['cron(0 9 ? * THU#5 *)', 'UTC', '2026-01-01T00:00Z', '2026-01-29T09:00Z 2026-04-30T09:00Z'],
  ['cron(15 10 ? * 6L 2026-2027)', 'UTC', '2026-01-01T00:00Z', '2026-01-30T10:15Z 2026-02-27T10:15Z'],
  ['cron(15 10 ? * FRIL *)', 'UTC', '2026-04-01T00:00Z', '2026-04-24T10:15Z'],
  ['cron( 0  0 * * ?  * )', 'UTC', '2026-01-01T00:00Z', '2026-01-02T00:00Z'],
  // Zones without a change nearby.
  ['cron(0 12 * * ? *)', 'Europe/Zurich', '2026-01-01T00:00Z', '2026-01-01T11:00Z'],
  ['cron(0 12 * * ? *)', 'Europe/Zurich', '2026-07-01T00:00Z', '2026-07-01T10:00Z'],
  ['cron(0 0 1 1 ? *)', 'Asia/Tokyo', '2026-01-01T00:00Z', '2026-12-31T15:00Z'],
  ['cron(30 9 * * ? *)', 'Asia/Kolkata', '2026-01-01T00:00Z', '2026-01-01T04:00Z'],
  ['cron(0 0 ? * MON *)', 'America/Los_Angeles', '2026-01-01T00:00Z', '2026-01-05T08:00Z'],
  // Zurich, spring: 29 March 2026, 02:00 becomes 03:00 (01:00 UTC).
  ['cron(30 1 * * ? *)', 'Europe/Zurich', '2026-03-28T12:00Z', '2026-03-29T00:30Z 2026-03-29T23:30Z'],
  ['cron(30 2 * * ? *)', 'Europe/Zurich', '2026-03-27T12:00Z', '2026-03-28T01:30Z 2026-03-30T00:30Z'],
  ['cron(0 3 * * ? *)', 'Europe/Zurich', '2026-03-28T12:00Z', '2026-03-29T01:00Z 2026-03-30T01:00Z'],
  [
    'cron(0/30 * * * ? *)',
    'Europe/Zurich',
    '2026-03-29T00:00Z',
    '2026-03-29T00:30Z 2026-03-29T01:00Z 2026-03-29T01:30Z',
  ],
  ['cron(0 0 * * ? *)', 'Europe/Zurich', '2026-03-28T00:00Z', '2026-03-28T23:00Z 2026-03-29T22:00Z'],
  // Zurich, autumn: 25 October 2026, 03:00 becomes 02:00 (01:00 UTC).
  ['cron(30 1 * * ? *)', 'Europe/Zurich', '2026-10-24T12:00Z', '2026-10-24T23:30Z 2026-10-26T00:30Z'],
  ['cron(30 2 * * ? *)', 'Europe/Zurich', '2026-10-24T12:00Z', '2026-10-25T00:30Z 2026-10-26T01:30Z'],
  ['cron(30 2 * * ? *)', 'Europe/Zurich', '2026-10-25T01:10Z', '2026-10-26T01:30Z'],
  ['cron(0 3 * * ? *)', 'Europe/Zurich', '2026-10-24T12:00Z', '2026-10-25T02:00Z'],
  [
    'cron(0/30 * * * ? *)',
    'Europe/Zurich',
    '2026-10-25T00:00Z',
    '2026-10-25T00:30Z 2026-10-25T02:00Z 2026-10-25T02:30Z',
  ],
  ['cron(0 0 * * ? *)', 'Europe/Zurich', '2026-10-24T12:00Z', '2026-10-24T22:00Z 2026-10-25T23:00Z'],
  // New York, spring: 8 March 2026, 02:00 becomes 03:00 (07:00 UTC).
  ['cron(15 2 * * ? *)', 'America/New_York', '2026-03-07T00:00Z', '2026-03-07T07:15Z 2026-03-09T06:15Z'],
  ['cron(59 1 * * ? *)', 'America/New_York', '2026-03-08T00:00Z', '2026-03-08T06:59Z 2026-03-09T05:59Z'],
  ['cron(0 * * * ? *)', 'America/New_York', '2026-03-08T05:30Z', '2026-03-08T06:00Z 2026-03-08T07:00Z'],
  // New York, autumn: 1 November 2026, 02:00 becomes 01:00 (06:00 UTC).
  ['cron(30 1 * * ? *)', 'America/New_York', '2026-10-31T12:00Z', '2026-11-01T05:30Z 2026-11-02T06:30Z'],
  ['cron(30 1 1 11 ? *)', 'America/New_York', '2026-11-01T05:30Z', '2027-11-01T05:30Z'],
  ['cron(0 2 * * ? *)', 'America/New_York', '2026-10-31T12:00Z', '2026-11-01T07:00Z'],
  // A zone that changes at midnight (Havana skips 00:00 to 01:00 on 8 March 2026), and one that moves by half an hour.
  ['cron(0 0 * * ? *)', 'America/Havana', '2026-03-06T12:00Z', '2026-03-07T05:00Z 2026-03-09T04:00Z'],
  ['cron(15 2 * * ? *)', 'Australia/Lord_Howe', '2026-10-02T20:00Z', '2026-10-04T15:15Z'],
  // Rates count from when the schedule was made (2026-01-01T00:00Z) in elapsed time.
  ['rate(1 minute)', 'UTC', '2026-01-01T00:00Z', '2026-01-01T00:01Z 2026-01-01T00:02Z'],
  ['rate(5 minutes)', 'UTC', '2026-01-01T00:07Z', '2026-01-01T00:10Z 2026-01-01T00:15Z'],
  ['rate(1 hour)', 'Europe/Zurich', '2026-03-29T00:30Z', '2026-03-29T01:00Z 2026-03-29T02:00Z'],
  ['rate(1 day)', 'Europe/Zurich', '2026-03-28T12:00Z', '2026-03-29T00:00Z 2026-03-30T00:00Z'],
  ['rate(7 days)', 'UTC', '2026-01-01T00:00Z', '2026-01-08T00:00Z'],
  ['rate(5 minutes)', 'UTC', '2025-06-01T00:00Z', '2026-01-01T00:05Z'],
];

for (const [expression, timeZone, after, expected] of cases) {
  test(`${expression} in ${timeZone} after ${after} fires at ${expected}`, () => {
    const instants = expected.split(' ');
    assert.deepEqual(firings(expression, timeZone, after, instants.length), instants);
  });
}

const refused: [expression: string, complaint: RegExp][] = [
  ['', /neither `rate/],
  ['every 5 minutes', /neither `rate/],
  ['rate(0 minutes)', /whole number from 1/],
  ['rate(5 seconds)', /minute\(s\), hour\(s\) or day\(s\)/],
  ['rate(1 minutes)', /must be written rate\(1 minute\)/],
  ['rate(5 minute)', /must be written rate\(5 minutes\)/],
  ['rate(1.5 hours)', /whole number/],
  ['cron(0 12 * * *)', /has 5 fields; six/],
  ['cron(0 12 * * * *)', /\? in exactly one/],
  ['cron(0 12 ? * ? *)', /\? in exactly one/],
  ['cron(60 12 * * ? *)', /"60" in minutes; 0-59/],
  ['cron(0 24 * * ? *)', /"24" in hours; 0-23/],
  ['cron(0 0 0 * ? *)', /"0" in day-of-month; 1-31/],
  ['cron(0 0 1 13 ? *)', /"13" in month; 1-12 or JAN-DEC/],
  ['cron(0 0 ? * 8 *)', /"8" in day-of-week; 1-7 or SUN-SAT/],
  ['cron(0 0 ? * 3#6 *)', /number from 1 to 5/],
  ['cron(0 0 ? * 3#1,6#3 *)', /stands alone/],
  ['cron(0 0 1 1 ? 1969)', /"1969" in year; 1970-2199/],
  ['cron(0 22-2 * * ? *)', /ends before it begins/],
  ['cron(0/0 0 * * ? *)', /whole number from 1/],
  ['cron(0/5/5 0 * * ? *)', /one \//],
  ['cron(? 0 * * ? *)', /"\?" in minutes/],
  [`cron(${'1,'.repeat(200)}1 0 * * ? *)`, /longer than 256/],
];

for (const [expression, complaint] of refused) {
  test(`${expression.slice(0, 40)} is refused with a reason`, () => {
    assert.throws(
      () => parseScheduleExpression(expression),
      (error) => error instanceof PlatformError && error.code === 'invalid_argument' && complaint.test(error.message),
    );
  });
}

test('a time zone that nobody knows is refused by name', () => {
  assert.equal(parseTimeZone('Europe/Zurich'), 'Europe/Zurich');
  assert.throws(() => parseTimeZone('Europe/Bern-Bumpliz'), /Europe\/Bern-Bumpliz/);
});

const expressionText = fc.constantFrom(
  'rate(7 minutes)',
  'rate(3 days)',
  'cron(* * * * ? *)',
  'cron(30 2 * * ? *)',
  'cron(0/7 1-3 * * ? *)',
  'cron(0 0 LW * ? *)',
  'cron(15 10 ? * 6L *)',
  'cron(0 0 29 2 ? *)',
);
const zoneName = fc.constantFrom('UTC', 'Europe/Zurich', 'America/New_York', 'America/Havana', 'Australia/Lord_Howe');
const instantMs = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2029, 0, 1) });

test('the next firing is later, and nothing fires in between', () => {
  fc.assert(
    fc.property(
      expressionText,
      zoneName,
      instantMs,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (text, zone, afterMs, part) => {
        const one = schedule(text, zone, '2024-01-01T00:00Z');
        const next = nextFiring(one, afterMs);
        assert(next !== undefined && next > afterMs);
        const between = afterMs + Math.floor((next - 1 - afterMs) * part);
        assert.equal(nextFiring(one, between), next);
      },
    ),
    { numRuns: 300 },
  );
});

test('the latest firing is the last of all the next ones', () => {
  fc.assert(
    fc.property(
      expressionText,
      zoneName,
      instantMs,
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 50_000 }),
      (text, zone, afterMs, count, extraMs) => {
        const one = schedule(text, zone, '2024-01-01T00:00Z');
        let atMs = afterMs;
        for (let each = 0; each < count; each++) atMs = nextFiring(one, atMs) ?? atMs;
        const untilMs = atMs + extraMs;
        const next = nextFiring(one, atMs);
        const expected = next !== undefined && next <= untilMs ? next : count === 0 ? undefined : atMs;
        assert.equal(latestFiring(one, afterMs, untilMs), expected);
      },
    ),
    { numRuns: 200 },
  );
});

test('cron expressions fire when the table says', () => {
  let compared = 0;
  for (const line of firingTable.trim().split('\n')) {
    const [expression = '', timeZone = '', after = '', firings = ''] = line.split(' | ');
    const schedule = { expression: parseScheduleExpression(`cron(${expression})`), timeZone, anchorMs: 0 };
    let atMs = Date.parse(after);
    for (const firing of firings.split(' ')) {
      atMs = nextFiring(schedule, atMs) ?? Number.NaN;
      assert.equal(`${new Date(atMs).toISOString().slice(0, 16)}Z`, firing, line);
      compared += 1;
    }
  }
  assert.ok(compared >= 400, `${compared} firings`);
});
