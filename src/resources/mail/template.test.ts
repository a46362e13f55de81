import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTemplate } from './template.ts';

const rendered = (text: string, data: unknown): string => parseTemplate(text)(data);

test('names, nested names and blocks are replaced by what the data have', () => {
  assert.equal(rendered('Hi {{name}} of {{ home.city }}', { name: 'Bo', home: { city: 'Rome' } }), 'Hi Bo of Rome');
  assert.equal(rendered('{{{raw}}}{{raw}}', { raw: '<b>' }), '<b><b>');
  assert.equal(rendered('{{#if a}}yes{{else}}no{{/if}}{{#unless a}}!{{/unless}}', { a: [] }), 'no!');
  assert.equal(rendered('{{#each l}}{{@index}}{{this}}{{../s}}{{/each}}', { l: ['a', 'b'], s: ';' }), '0a;1b;');
  assert.equal(
    rendered('{{#each l}}{{n}}{{#if @last}}.{{/if}}{{else}}none{{/each}}', { l: [{ n: 1 }, { n: 2 }] }),
    '12.',
  );
  assert.equal(rendered('{{#with a}}{{b}}{{/with}}{{! not shown }}{{!-- {{nor}} this --}}', { a: { b: 1 } }), '1');
  assert.equal(rendered('a { b } {c} }} d', {}), 'a { b } {c} }} d');
});

test('what the data have not is said by its name, and nothing inherited is there', () => {
  for (const name of ['gone', 'a.gone', 'constructor', '__proto__', 'a.constructor'])
    assert.throws(() => rendered(`{{${name}}}`, { a: {} }), { reason: 'MissingRenderingAttribute' });
});

test('a template that is none is refused when it is kept', () => {
  for (const text of [
    '{{#if a}}',
    '{{/if}}',
    '{{else}}',
    '{{#each}}{{/each}}',
    '{{#eval x}}{{/eval}}',
    '{{a b}}',
    '{{#if a}}{{/each}}',
  ])
    assert.throws(() => parseTemplate(text), { reason: 'InvalidTemplate' }, text);
});

test('lists in lists end at a bound', () => {
  const list = Array.from({ length: 1_000 }, () => 'x'.repeat(100));
  const text = '{{#each l}}{{#each ../l}}{{#each ../../l}}{{this}}{{/each}}{{/each}}{{/each}}';
  assert.throws(() => rendered(text, { l: list }), { code: 'invalid_argument' });
});
