import assert from 'node:assert/strict';
import { test } from 'node:test';
import { variableReferences } from './variable-references.ts';

test('what begins like a reference and is none is told, also where it does not end', () => {
  const wrongOf = (text: string): string | undefined => variableReferences(text).wrong;
  assert.equal(wrongOf('postgres://app:${secret:shop/db#password}@db/${ssm:/shop/name:3}'), undefined);
  assert.equal(wrongOf('${secret:}'), '${secret:}');
  assert.equal(wrongOf('a ${ssm:/shop/hours'), '${ssm:/shop/hours');
  assert.equal(wrongOf('${secret:shop/db} and ${secret:shop/db#password'), '${secret:shop/db#password');
  assert.equal(wrongOf('${HOME} ${other:x}'), undefined);
});
