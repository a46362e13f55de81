import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyStatement } from '../registry/function.ts';
import type { AccountId } from '../util/ids.ts';
import { authorize, evaluate } from './policy.ts';
import type { Principal } from './principal.ts';

const allow = (actions: string[], resources: string[]): PolicyStatement => ({ effect: 'allow', actions, resources });
const deny = (actions: string[], resources: string[]): PolicyStatement => ({ effect: 'deny', actions, resources });

test('a denial wins, in whatever order, and what nobody allows is denied', () => {
  const statements = [allow(['s3:*'], ['arn:aws:s3:::pics/*']), deny(['s3:Delete*'], ['*'])];
  for (const order of [statements, statements.toReversed()]) {
    assert.equal(evaluate(order, 's3:GetObject', 'arn:aws:s3:::pics/a/b'), 'allowed');
    assert.equal(evaluate(order, 's3:DeleteObject', 'arn:aws:s3:::pics/a'), 'denied');
    assert.equal(evaluate(order, 's3:GetObject', 'arn:aws:s3:::other/a'), 'not_allowed');
    assert.equal(evaluate(order, 'sqs:SendMessage', 'arn:aws:s3:::pics/a'), 'not_allowed');
  }
  assert.equal(
    evaluate([allow(['S3:getobject'], ['arn:aws:s3:::pics/A'])], 's3:GetObject', 'arn:aws:s3:::pics/A'),
    'allowed',
  );
  assert.equal(
    evaluate([allow(['s3:GetObject'], ['arn:aws:s3:::pics/A'])], 's3:GetObject', 'arn:aws:s3:::pics/a'),
    'not_allowed',
  );
});

test('every access must be allowed, administrators need no policy, the nameless have none', () => {
  const account = '000000000000' as AccountId;
  const who = { account, arn: 'arn:who', accessKeyId: 'x' };
  const user: Principal = { kind: 'anonymous', ...who, accessKeyId: '' };
  const accesses = [
    { action: 's3:GetObject', resource: 'a' },
    { action: 's3:PutObject', resource: 'b' },
  ];
  authorize({ kind: 'administrator', ...who }, accesses, () => assert.fail('not asked'));
  assert.throws(() => authorize(user, accesses, () => [allow(['*'], ['*'])]), {
    code: 'permission_denied',
    reason: 'AccessDenied',
    message: /Anonymous is not authorized to perform: s3:GetObject/,
  });
  const role = { kind: 'function', ...who } as Principal;
  authorize(role, accesses, () => [allow(['s3:*'], ['?'])]);
  assert.throws(() => authorize(role, accesses, () => [allow(['s3:Get*'], ['?'])]), {
    message: /s3:PutObject on resource: "b" because no identity-based policy allows/,
  });
  assert.throws(() => authorize(role, accesses, () => [allow(['s3:*'], ['?']), deny(['*'], ['b'])]), {
    message: /s3:PutObject on resource: "b" with an explicit deny/,
  });
});

test('what the resource itself grants needs no permission, and does not lift a denial', () => {
  const role = { kind: 'function', account: '000000000000', arn: 'arn:who', accessKeyId: 'x' } as Principal;
  const accesses = [{ action: 'lambda:InvokeFunction', resource: 'a' }];
  const granted = {
    grants: (_who: Principal, { resource }: { resource: string }): boolean => resource === 'a',
    forbids: () => false,
  };
  authorize(role, accesses, () => [], granted);
  assert.throws(() => authorize(role, accesses, () => [deny(['*'], ['a'])], granted), { reason: 'AccessDenied' });
  assert.throws(() => authorize(role, [...accesses, { action: 'x:Y', resource: 'b' }], () => [], granted), {
    reason: 'AccessDenied',
  });
});

test('what the resource itself forbids is forbidden to everybody, whatever else lets them', () => {
  const who = { account: '000000000000', arn: 'arn:who', accessKeyId: 'x' };
  const resource = {
    grants: () => true,
    forbids: (_who: Principal, { action }: { action: string }): boolean => action === 'sqs:SendMessage',
  };
  const send = [{ action: 'sqs:SendMessage', resource: 'a' }];
  for (const kind of ['administrator', 'function', 'anonymous'] as const) {
    const principal = { kind, ...who } as Principal;
    assert.throws(
      () => authorize(principal, send, () => [allow(['*'], ['*'])], resource),
      /explicit deny in a resource/,
    );
    authorize(principal, [{ action: 'sqs:ReceiveMessage', resource: 'a' }], () => [], resource);
  }
});
