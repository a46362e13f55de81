import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsManagedPolicies } from '../resources/iam/aws-managed-policies.ts';
import { parsePolicyDocument } from './policy-document.ts';

test('every managed policy can be read: who had one that cannot could do nothing at all', () => {
  assert.ok(awsManagedPolicies.size > 5);
  for (const [arn, { versions }] of awsManagedPolicies) {
    for (const { text } of versions) assert.ok(parsePolicyDocument(text, 'identity').statements.length > 0, arn);
  }
});
