import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextDue, parseExpression } from './next-due.ts';
import type { ScheduledSettings } from './scheduled.ts';

const at = (text: string): number => Date.parse(text);
const settings = (expression: string, more: Partial<ScheduledSettings> = {}): ScheduledSettings => ({
  expression,
  timeZone: 'UTC',
  isEnabled: true,
  windowMs: 0,
  isDeletedWhenOver: false,
  target: { arn: '', roleArn: '', retry: {} },
  ...more,
});

type Case = [
  what: string,
  ScheduledSettings,
  counted: string,
  fired: string | undefined,
  now: string,
  due: string | undefined,
];

const cases: Case[] = [
  [
    'once',
    settings('at(2026-03-01T12:00:00)'),
    '2026-01-01T00:00Z',
    undefined,
    '2026-01-01T00:00Z',
    '2026-03-01T12:00Z',
  ],
  [
    'once, and it has been',
    settings('at(2026-03-01T12:00:00)'),
    '2026-01-01T00:00Z',
    '2026-03-01T12:00Z',
    '2026-03-01T12:00Z',
    undefined,
  ],
  [
    'once, in its zone',
    settings('at(2026-07-01T12:00:00)', { timeZone: 'Europe/Zurich' }),
    '2026-01-01T00:00Z',
    undefined,
    '2026-01-01T00:00Z',
    '2026-07-01T10:00Z',
  ],
  [
    'once, at a time that the spring change skips',
    settings('at(2026-03-29T02:30:00)', { timeZone: 'Europe/Zurich' }),
    '2026-01-01T00:00Z',
    undefined,
    '2026-01-01T00:00Z',
    '2026-03-29T01:30Z',
  ],
  [
    'a rate counts from when it was set',
    settings('rate(5 minutes)'),
    '2026-01-01T00:00Z',
    undefined,
    '2026-01-01T00:00Z',
    '2026-01-01T00:05Z',
  ],
  [
    'a rate with a beginning is due at it',
    settings('rate(5 minutes)', { startMs: at('2026-02-01T00:00Z') }),
    '2026-01-01T00:00Z',
    undefined,
    '2026-01-01T00:00Z',
    '2026-02-01T00:00Z',
  ],
  [
    'and then counts from it',
    settings('rate(5 minutes)', { startMs: at('2026-02-01T00:00Z') }),
    '2026-01-01T00:00Z',
    '2026-02-01T00:00Z',
    '2026-02-01T00:00Z',
    '2026-02-01T00:05Z',
  ],
  [
    'of several that have passed the latest',
    settings('rate(5 minutes)'),
    '2026-01-01T00:00Z',
    undefined,
    '2026-01-01T00:17Z',
    '2026-01-01T00:15Z',
  ],
  [
    'a cron expression after its beginning',
    settings('cron(0 0 * * ? *)', { startMs: at('2026-02-01T00:00Z') }),
    '2026-01-01T00:00Z',
    undefined,
    '2026-01-01T00:00Z',
    '2026-02-01T00:00Z',
  ],
  [
    'nothing after the end',
    settings('cron(0 0 * * ? *)', { endMs: at('2026-01-02T12:00Z') }),
    '2026-01-01T00:00Z',
    '2026-01-02T00:00Z',
    '2026-01-02T00:00Z',
    undefined,
  ],
  [
    'at the end itself',
    settings('cron(0 0 * * ? *)', { endMs: at('2026-01-02T00:00Z') }),
    '2026-01-01T00:00Z',
    undefined,
    '2026-01-01T00:00Z',
    '2026-01-02T00:00Z',
  ],
  [
    'what was missed before the end',
    settings('rate(1 hour)', { endMs: at('2026-01-01T03:30Z') }),
    '2026-01-01T00:00Z',
    undefined,
    '2026-01-09T00:00Z',
    '2026-01-01T03:00Z',
  ],
];

for (const [what, of, counted, fired, now, due] of cases) {
  test(`due: ${what}`, () => {
    const scheduled = { settings: of, countedFromMs: at(counted), ...(fired !== undefined && { firedMs: at(fired) }) };
    const found = nextDue(scheduled, at(now), () => 0)?.dueMs;
    assert.equal(found, due === undefined ? undefined : at(due));
  });
}

test('a window is not left, whatever the chance', () => {
  const scheduled = { settings: settings('rate(1 hour)', { windowMs: 15 * 60_000 }), countedFromMs: 0 };
  assert.deepEqual(
    nextDue(scheduled, 0, () => 0),
    { dueMs: 3_600_000, sendMs: 3_600_000 },
  );
  assert.deepEqual(
    nextDue(scheduled, 0, () => 0.5),
    { dueMs: 3_600_000, sendMs: 3_600_000 + 450_000 },
  );
});

test('what is no expression is refused', () => {
  for (const wrong of ['at(2026-02-30T00:00:00)', 'at(2026-01-01)', 'at(now)', 'every(5 minutes)', 'rate(0 minutes)'])
    assert.throws(() => parseExpression(wrong, 'UTC'), { code: 'invalid_argument' }, wrong);
  assert.throws(() => parseExpression('rate(5 minutes)', 'Europe/Nowhere'), { code: 'invalid_argument' });
});

test('a rate of one may have its unit in the plural', () => {
  assert.deepEqual(parseExpression('rate(1 hours)', 'UTC'), { kind: 'rate', periodMs: 3_600_000 });
  assert.throws(() => parseExpression('rate(1 weeks)', 'UTC'), /is not a rate/);
});
