import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillTemplate } from './input-template.ts';
import { valueAt } from './http-parameters.ts';

test('a value that begins like a path and is none is itself', () => {
  const event = { detail: { id: 7, name: 'x' } };
  assert.equal(valueAt(event, '$.detail.name'), 'x');
  assert.equal(valueAt(event, '$.detail.id'), '7');
  for (const text of ['$.99 a piece', '$.detail.*', '$.[', '$5', 'plain']) assert.equal(valueAt(event, text), text);
});

test('a template that comes to more than anybody takes is refused', () => {
  const large = 'x'.repeat(100_000);
  assert.equal(fillTemplate('<a><a>', () => large).length, 200_000);
  assert.throws(() => fillTemplate('<a>'.repeat(2_000), () => large), { code: 'too_large' });
});
