import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { takesInProportion } from '../../test/harness/processor-time.ts';
import { keysOf, type ConditionContext } from './condition-keys.ts';
import { matchesPattern, readPattern, variablesOf } from './pattern.ts';

const options = { hasWildcards: true, hasVariables: true, folds: false };
const matches = (pattern: string, text: string, context: ConditionContext = {}): boolean =>
  matchesPattern(readPattern(pattern, options), text, keysOf(context));

test('wildcards match what the same regular expression matches', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/', ':'), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?', '.'), maxLength: 8 });
  fc.assert(
    fc.property(pattern, letters, (wildcard, text) => {
      const expression = wildcard
        .replaceAll('.', String.raw`\.`)
        .replaceAll('*', '.*')
        .replaceAll('?', '.');
      assert.equal(matches(wildcard, text), new RegExp(`^${expression}$`, 's').test(text));
    }),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(fc.string(), (text) => assert.ok(matches('*', text) && matches(text.replaceAll(/[?$]/g, '*'), text))),
  );
});

test('no pattern takes long: as long as the text, however many stars there are', async () => {
  const comparing = (stars: number, letters: number) => {
    const [pattern, text] = ['*a'.repeat(stars), `${'a'.repeat(letters)}b`];
    return (): void => {
      for (let times = 0; times < 200; times += 1) assert.equal(matches(pattern, text), false);
    };
  };
  // Where each star is reconsidered, three are enough to tell, and with fifty it does not end.
  await takesInProportion(8, comparing(3, 32), comparing(3, 256));
  await takesInProportion(8, comparing(50, 250), comparing(50, 2_000));
});

test('a text of any length is compared with what has no wildcards, or one at its end, and refused elsewhere', () => {
  const long = 'a'.repeat(2_049);
  const refused = { code: 'permission_denied', reason: 'AccessDenied' };
  assert.equal(matches('a*', long), true);
  assert.equal(matches(long, long), true);
  assert.throws(() => matches('*b', long), refused);
  assert.throws(() => matches('${aws:username}*', long, { 'aws:username': 'a' }), refused);
  assert.equal(matches('*b', `${'a'.repeat(2_047)}b`), true);
});

test('variables that together are longer than the text are not put together, and match nothing', () => {
  const referer = 'a'.repeat(500_000);
  assert.equal(matches('${aws:referer}'.repeat(1_000), 'aaa', { 'aws:referer': referer }), false);
  assert.equal(matches('${aws:referer}*', 'aaa', { 'aws:referer': 'aaa' }), true);
  assert.equal(matches('${aws:referer}${aws:referer}', 'aa', { 'aws:referer': 'a' }), true);
});

test('a variable stands for what the request has, letter by letter', () => {
  const home = 'arn:aws:s3:::homes/${aws:username}/*';
  assert.equal(matches(home, 'arn:aws:s3:::homes/alice/x', { 'aws:username': 'alice' }), true);
  assert.equal(matches(home, 'arn:aws:s3:::homes/bob/x', { 'aws:username': 'alice' }), false);
  assert.equal(matches(home, 'arn:aws:s3:::homes/alice/x'), false, 'nobody is named');
  assert.equal(matches(home, 'arn:aws:s3:::homes/bob/x', { 'aws:username': '*' }), false, 'a star in a name is a star');
  assert.equal(matches('${AWS:UserName}', 'alice', { 'aws:username': 'alice' }), true);
  assert.equal(matches('${aws:tagkeys}', 'a', { 'aws:tagkeys': ['a'] }), false, 'a set is no text');
  assert.deepEqual(variablesOf(readPattern(home, options)), ['aws:username']);
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-default-values
test('a default stands in where the key is not there, and special characters can be meant', () => {
  const team = "arn:aws:s3:::amzn-s3-demo-bucket/${aws:PrincipalTag/team, 'company-wide'}/*";
  assert.equal(matches(team, 'arn:aws:s3:::amzn-s3-demo-bucket/company-wide/a'), true);
  assert.equal(matches(team, 'arn:aws:s3:::amzn-s3-demo-bucket/yellow/a', { 'aws:principaltag/team': 'yellow' }), true);
  assert.equal(
    matches(team, 'arn:aws:s3:::amzn-s3-demo-bucket/company-wide/a', { 'aws:principaltag/team': 'y' }),
    false,
  );
  assert.equal(matches('a${*}b${?}c${$}', 'a*b?c$'), true);
  assert.equal(matches('a${*}b', 'axb'), false);
});

test('where variables are not known, they are text', () => {
  const old = readPattern('${aws:username}', { ...options, hasVariables: false });
  assert.equal(matchesPattern(old, '${aws:username}', keysOf({ 'aws:username': 'alice' })), true);
});
