import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicPolicy } from './public-policy.ts';

const isPublic = (statement: object): boolean =>
  isPublicPolicy(JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', ...statement }] }));

test('everybody is meant by a star, and by all but some', () => {
  assert.ok(isPublic({}));
  assert.ok(isPublic({ Principal: { AWS: '*' } }));
  assert.ok(isPublic({ Principal: { AWS: ['111122223333', '*'] } }));
  assert.ok(isPublicPolicy(JSON.stringify({ Statement: { Effect: 'Allow', NotPrincipal: { AWS: '111122223333' } } })));
  assert.ok(!isPublic({ Principal: { AWS: '111122223333' } }));
  assert.ok(!isPublic({ Effect: 'Deny' }));
});

test('a condition on who or where narrows it, one that nearly everything meets does not', () => {
  const condition = (operator: string, key: string, value: unknown): boolean =>
    isPublic({ Condition: { [operator]: { [key]: value } } });
  assert.ok(!condition('StringEquals', 'aws:PrincipalAccount', '111122223333'));
  assert.ok(!condition('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:role/*'));
  assert.ok(!condition('IpAddress', 'aws:SourceIp', ['10.0.0.0/8']));
  assert.ok(condition('IpAddress', 'aws:SourceIp', '0.0.0.0/0'));
  assert.ok(condition('StringLike', 'aws:PrincipalArn', '*'));
  assert.ok(condition('StringNotEquals', 'aws:PrincipalAccount', '111122223333'));
  assert.ok(condition('StringEqualsIfExists', 'aws:PrincipalAccount', '111122223333'));
  assert.ok(condition('Bool', 'aws:SecureTransport', 'false'));
});
