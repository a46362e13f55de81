import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nextPolicyAction, parseParameterPolicies } from './parameter-policies.ts';

const nowMs = Date.UTC(2026, 2, 1);
const dayMs = 24 * 3_600_000;
const expiration = (afterMs: number): object => ({
  Type: 'Expiration',
  Version: '1.0',
  Attributes: { Timestamp: new Date(nowMs + afterMs).toISOString() },
});
const told = { Type: 'ExpirationNotification', Version: '1.0', Attributes: { Before: '3', Unit: 'Days' } };
const unchanged = { Type: 'NoChangeNotification', Version: '1.0', Attributes: { After: '20', Unit: 'Hours' } };
const parse = (...policies: unknown[]) => parseParameterPolicies(JSON.stringify(policies), nowMs);

test('each is due in its time, once', () => {
  const policies = parse(expiration(10 * dayMs), told, unchanged);
  const due = (toldOf: readonly number[]): [string, number] | undefined => {
    const action = nextPolicyAction(policies, nowMs, toldOf);
    return action && [action.policy.type, (action.dueMs - nowMs) / 3_600_000];
  };
  assert.deepEqual(due([]), ['NoChangeNotification', 20]);
  assert.deepEqual(due([2]), ['ExpirationNotification', 7 * 24]);
  assert.deepEqual(due([2, 1]), ['Expiration', 240]);
  assert.equal(nextPolicyAction([], nowMs, []), undefined);
});

test('an empty list and an empty policy take all away', () => {
  assert.deepEqual([parse(), parse({})], [[], []]);
});

describe('what is none is refused by its name', () => {
  const wrong: [string, unknown[], string][] = [
    ['another type', [{ ...told, Type: 'Rotation' }], 'InvalidPolicyTypeException'],
    ['another version', [{ ...unchanged, Version: '2.0' }], 'InvalidPolicyAttributeException'],
    ['no attributes', [{ Type: 'Expiration', Version: '1.0' }], 'InvalidPolicyAttributeException'],
    ['a time that has passed', [expiration(-1)], 'InvalidPolicyAttributeException'],
    [
      'no time',
      [{ ...told, Type: 'Expiration', Attributes: { Timestamp: 'soon' } }],
      'InvalidPolicyAttributeException',
    ],
    ['another unit', [{ ...unchanged, Attributes: { After: '1', Unit: 'Weeks' } }], 'InvalidPolicyAttributeException'],
    ['half a day', [{ ...unchanged, Attributes: { After: '0.5', Unit: 'Days' } }], 'InvalidPolicyAttributeException'],
    ['two expirations', [expiration(1), expiration(2)], 'IncompatiblePolicyException'],
    ['a notification of no expiration', [told], 'IncompatiblePolicyException'],
    ['eleven', Array.from({ length: 11 }, () => unchanged), 'PoliciesLimitExceededException'],
    ['a text', ['x'], 'ValidationException'],
  ];
  for (const [what, policies, reason] of wrong) test(what, () => assert.throws(() => parse(...policies), { reason }));
  test('no list', () => assert.throws(() => parseParameterPolicies('{', nowMs), { reason: 'ValidationException' }));
});
