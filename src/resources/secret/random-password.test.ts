import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlatformError } from '../../util/errors.ts';
import { randomIds } from '../../util/ids.ts';
import { randomPassword, type PasswordRules } from './random-password.ts';

const kinds = {
  hasLowercase: /[a-z]/,
  hasUppercase: /[A-Z]/,
  hasNumbers: /\d/,
  hasPunctuation: /[!-/:-@[-`{-~]/,
  hasSpace: / /,
};
const kindNames = ['hasLowercase', 'hasUppercase', 'hasNumbers', 'hasPunctuation', 'hasSpace'] as const;

test('a password has the length and the characters that its rules say, or is refused', () => {
  const rules: fc.Arbitrary<PasswordRules> = fc.record({
    length: fc.integer({ min: 1, max: 40 }),
    excluded: fc.string({ maxLength: 30 }),
    hasLowercase: fc.boolean(),
    hasUppercase: fc.boolean(),
    hasNumbers: fc.boolean(),
    hasPunctuation: fc.boolean(),
    hasSpace: fc.boolean(),
    requiresEach: fc.boolean(),
  });
  fc.assert(
    fc.property(rules, (given) => {
      let password: string;
      try {
        password = randomPassword(given, randomIds);
      } catch (error) {
        return error instanceof PlatformError && error.reason === 'InvalidParameterException';
      }
      const isOfKinds = kindNames.every((name) => {
        const has = kinds[name].test(password);
        return given[name] ? has || !given.requiresEach : !has;
      });
      const hasExcluded = given.excluded.split('').some((character) => password.includes(character));
      return password.length === given.length && isOfKinds && !hasExcluded;
    }),
    { numRuns: 500 },
  );
});

test('each character is as likely as the others', () => {
  const rules = { length: 4_000, excluded: '', hasLowercase: false, hasUppercase: false, hasNumbers: true };
  const more = { hasPunctuation: false, hasSpace: false, requiresEach: true };
  const password = randomPassword({ ...rules, ...more }, randomIds);
  for (const digit of '0123456789') {
    const count = password.split(digit).length - 1;
    // Expected 400, with a deviation of 19: eight of them are beyond any chance.
    assert.ok(Math.abs(count - 400) < 152, `${digit}: ${count}`);
  }
});
