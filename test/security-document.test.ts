/** docs/security.md names a test for each promise: each of those is there, under that name. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const document = readFileSync(join(root, 'docs/security.md'), 'utf8');

const citations = [...document.matchAll(/`([^`\s]+\.test\.ts)`((?:,? “[^”]+”)+)/g)].flatMap(
  ([, file = '', titles = '']) => [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
);

test('every test that the page on security names is there', () => {
  assert.ok(citations.length > 50, `${citations.length} tests are named`);
  const missing = citations.filter(({ file, title }) => {
    const source = readFileSync(join(root, file), 'utf8').replaceAll(/\(\n\s+/g, '(');
    return !["test('", 'test(`'].some((call) => source.includes(call + title));
  });
  assert.deepEqual(missing, []);
});

test('every promise names a test', () => {
  const promises = document.slice(document.indexOf('## What is promised'), document.indexOf('## As root'));
  const rows = promises.split('\n').filter((line) => /^\| (?!---|promise )/.test(line));
  assert.ok(rows.length > 20, `${rows.length} promises`);
  const bare = rows.filter((row) => !row.includes('.test.ts`'));
  assert.deepEqual(bare, []);
});
