import assert from 'node:assert/strict';
import { matchesGlob } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { globMatcher, isLiteral, staticFolder } from './glob.ts';

const cases: readonly [pattern: string, path: string, matches: boolean][] = [
  ['src/**', 'src/a.ts', true],
  ['src/**', 'src/deep/a.ts', true],
  ['src/**', 'source/a.ts', false],
  ['src/*.ts', 'src/a.ts', true],
  ['src/*.ts', 'src/deep/a.ts', false],
  ['**/*.test.ts', 'a.test.ts', true],
  ['**/*.test.ts', 'src/deep/a.test.ts', true],
  ['**/*.test.ts', 'src/a.ts', false],
  ['src', 'src/a.ts', true],
  ['src/', 'src/deep/a.ts', true],
  ['./src', 'src/a.ts', true],
  ['hello.py', 'hello.py', true],
  ['hello.py', 'hello_py', false],
  ['*.{js,mjs}', 'a.mjs', true],
  ['*.{js,mjs}', 'a.cjs', false],
  ['a/{b,c/{d,e}}/f', 'a/c/e/f', true],
  ['file?.txt', 'file1.txt', true],
  ['file?.txt', 'file10.txt', false],
  ['[a-c].txt', 'b.txt', true],
  ['[!a-c].txt', 'b.txt', false],
  ['[!a-c].txt', '/.txt', false],
  ['a[', 'a[', true],
  ['a{b', 'a{b', true],
  ['**', '.hidden/file', true],
  ['a+b(c).txt', 'a+b(c).txt', true],
];

describe('patterns', () => {
  for (const [pattern, path, expected] of cases) {
    test(`${pattern} ${expected ? 'takes' : 'leaves'} ${path}`, () =>
      assert.equal(globMatcher(pattern)(path), expected));
  }
});

test("plain patterns mean what Node's own matcher says they mean", () => {
  const segment = fc.constantFrom('a', 'b', 'ab', 'abc', 'a.ts', 'b.ts', '*', '?', 'a*', '*.ts', '[ab]', '{a,b}');
  const pattern = fc
    .array(fc.oneof(segment, fc.constant('**')), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'));
  const path = fc
    .array(fc.constantFrom('a', 'b', 'ab', 'abc', 'a.ts', 'b.ts', 'c'), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'));
  fc.assert(
    fc.property(pattern, path, (one, other) => {
      // Ours also takes in what lies below a match, and a final ** wants something there.
      const below = other.split('/').some((_, index, parts) => matchesGlob(parts.slice(0, index + 1).join('/'), one));
      const isOurs = globMatcher(one)(other);
      if (isOurs) assert.ok(below, `${one} ${other}`);
      if (matchesGlob(other, one) && !one.endsWith('**')) assert.ok(isOurs, `${one} ${other}`);
    }),
    { numRuns: 1_000 },
  );
});

test('any pattern makes a matcher', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.string({ maxLength: 20 }),
      (pattern, path) => void globMatcher(pattern)(path),
    ),
    { numRuns: 500 },
  );
});

test('a text without wildcards matches itself', () => {
  const literal = fc.stringMatching(/^[^*?[\]{}\\/]{1,12}$/).filter((name) => !name.startsWith('./'));
  fc.assert(fc.property(literal, (name) => isLiteral(name) && globMatcher(name)(name)));
});

test('where the walk for a pattern begins', () => {
  assert.equal(staticFolder('src/*.ts'), 'src');
  assert.equal(staticFolder('./src/deep/**/x'), 'src/deep');
  assert.equal(staticFolder('**/*.ts'), '');
  assert.equal(staticFolder('src/file.ts'), 'src');
  assert.equal(staticFolder('file.ts'), '');
});
