import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRotationRules, nextRotation, type RotationRules } from './rotation-rules.ts';

const at = (text: string): number => Date.parse(text);

const cases: [RotationRules, string, string | undefined, string | undefined][] = [
  [{}, '2026-03-01T10:20:30Z', undefined, undefined],
  [{ afterDays: 10 }, '2026-03-01T10:20:30Z', '2026-03-11T00:00:00Z', '2026-03-11T23:59:59Z'],
  [{ schedule: 'rate(10 days)' }, '2026-03-01T10:20:30Z', '2026-03-11T00:00:00Z', '2026-03-11T23:59:59Z'],
  [
    { schedule: 'rate(10 days)', duration: '3h' },
    '2026-03-01T10:20:30Z',
    '2026-03-11T00:00:00Z',
    '2026-03-11T03:00:00Z',
  ],
  [{ schedule: 'rate(4 hours)' }, '2026-03-01T10:20:30Z', '2026-03-01T14:20:30Z', '2026-03-01T15:20:30Z'],
  [{ schedule: 'cron(0 8 1 * ? *)' }, '2026-03-01T10:20:30Z', '2026-04-01T08:00:00Z', '2026-04-01T23:59:59Z'],
  [
    { schedule: 'cron(0 8 ? * 2#1 *)', duration: '2h' },
    '2026-03-01T10:20:30Z',
    '2026-03-02T08:00:00Z',
    '2026-03-02T10:00:00Z',
  ],
];

for (const [rules, after, start, end] of cases)
  test(`${JSON.stringify(rules)} after ${after} is due ${start ?? 'never'}`, () => {
    const expected = start === undefined || end === undefined ? undefined : { startMs: at(start), endMs: at(end) };
    assert.deepEqual(nextRotation(checkRotationRules(rules), at(after)), expected);
  });

test('what makes no sense is refused, and says what', () => {
  const wrong: [RotationRules, RegExp][] = [
    [{ afterDays: 1, schedule: 'rate(1 day)' }, /not both/],
    [{ duration: '2h' }, /needs a ScheduleExpression/],
    [{ schedule: 'rate(3 hours)' }, /4 hours to 999 days/],
    [{ schedule: 'rate(1000 days)' }, /4 hours to 999 days/],
    [{ schedule: 'at(2026-01-01T00:00:00)' }, /not valid/],
    [{ schedule: 'rate(6 hours)', duration: '7h' }, /window/],
    [{ schedule: 'rate(6 days)', duration: '25h' }, /window/],
    [{ schedule: 'rate(6 days)', duration: '0h' }, /window/],
  ];
  for (const [rules, message] of wrong)
    assert.throws(
      () => checkRotationRules(rules),
      { reason: 'InvalidParameterException', message },
      JSON.stringify(rules),
    );
});
