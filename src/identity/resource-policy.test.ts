import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceStatement } from '../registry/function.ts';
import type { AccountId, EnvironmentId, FunctionArn } from '../util/ids.ts';
import type { Principal } from './principal.ts';
import type { Asker } from './principal-element.ts';
import { resourcePolicyAllows, type ResourceRequest } from './resource-policy.ts';

const account = '000000000000' as AccountId;
const action = 'lambda:InvokeFunction';

const anonymous: Asker = {
  kind: 'principal',
  principal: { kind: 'anonymous', account, arn: '*', accessKeyId: '' },
};
const root = (of: string): Asker => ({
  kind: 'principal',
  principal: {
    kind: 'administrator',
    account: of as AccountId,
    arn: `arn:aws:iam::${of}:root`,
    accessKeyId: 'AKIA',
  },
});
const aFunction: Principal = {
  kind: 'function',
  account,
  arn: `arn:aws:sts::${account}:assumed-role/caller/environment`,
  accessKeyId: 'ASIA',
  functionArn: `arn:aws:lambda:us-east-1:${account}:function:caller` as FunctionArn,
  functionName: 'caller',
  environmentId: 'environment' as EnvironmentId,
};
const service = (name: string, from: { sourceArn?: string; sourceAccount?: string } = {}): Asker => ({
  kind: 'service',
  service: name,
  ...from,
});

const allows = (statement: Partial<ResourceStatement>, request: Partial<ResourceRequest>): boolean =>
  resourcePolicyAllows([{ id: 'one', principal: '*', action, ...statement }], { action, asker: anonymous, ...request });

test('no statement allows nothing', () => {
  assert.equal(resourcePolicyAllows([], { action, asker: root(account) }), false);
});

test('an action is named exactly or by a wildcard, in any case', () => {
  assert.equal(allows({}, {}), true);
  assert.equal(allows({ action: 'lambda:*' }, {}), true);
  assert.equal(allows({ action: '*' }, {}), true);
  assert.equal(allows({ action: 'LAMBDA:invokefunction' }, {}), true);
  assert.equal(allows({ action: 'lambda:GetFunction' }, {}), false);
  assert.equal(allows({ action: 'lambda:InvokeFunctionUrl' }, {}), false);
});

test('a principal is everybody, an account, a role or a service', () => {
  assert.equal(allows({ principal: '111111111111' }, { asker: root('111111111111') }), true);
  assert.equal(allows({ principal: 'arn:aws:iam::111111111111:root' }, { asker: root('111111111111') }), true);
  assert.equal(allows({ principal: '111111111111' }, { asker: root(account) }), false);
  assert.equal(allows({ principal: '111111111111' }, {}), false);
  const asker: Asker = { kind: 'principal', principal: aFunction };
  assert.equal(allows({ principal: `arn:aws:iam::${account}:role/caller` }, { asker }), true);
  assert.equal(allows({ principal: `arn:aws:iam::${account}:role/other` }, { asker }), false);
  assert.equal(allows({ principal: account }, { asker }), false, 'an account leaves it to its own permissions');
  assert.equal(allows({ principal: 's3.amazonaws.com' }, { asker: service('s3.amazonaws.com') }), true);
  assert.equal(allows({ principal: 's3.amazonaws.com' }, { asker: service('sns.amazonaws.com') }), false);
});

test('a source is an ARN by its parts, and an account', () => {
  const principal = 's3.amazonaws.com';
  const from = service(principal, { sourceArn: 'arn:aws:s3:::photos', sourceAccount: account });
  assert.equal(allows({ principal, sourceArn: 'arn:aws:s3:::photos' }, { asker: from }), true);
  assert.equal(allows({ principal, sourceArn: 'arn:aws:s3:::pho*' }, { asker: from }), true);
  assert.equal(allows({ principal, sourceArn: 'arn:*' }, { asker: from }), false, 'a star stays in its part');
  assert.equal(allows({ principal, sourceArn: 'arn:aws:s3:::other' }, { asker: from }), false);
  assert.equal(allows({ principal, sourceAccount: account }, { asker: from }), true);
  assert.equal(allows({ principal, sourceAccount: '111111111111' }, { asker: from }), false);
  assert.equal(allows({ principal, sourceArn: 'arn:aws:s3:::photos' }, { asker: service(principal) }), false);
  assert.equal(allows({ sourceAccount: account }, {}), false);
});

test('conditions on function URLs hold for requests that came by one, of that kind', () => {
  assert.equal(allows({ functionUrlAuth: 'none' }, { viaUrl: 'none' }), true);
  assert.equal(allows({ functionUrlAuth: 'none' }, { viaUrl: 'iam' }), false);
  assert.equal(allows({ functionUrlAuth: 'none' }, {}), false);
  assert.equal(allows({ viaUrl: true }, { viaUrl: 'none' }), true);
  assert.equal(allows({ viaUrl: true }, {}), false);
  assert.equal(allows({ viaUrl: false }, {}), true);
});

test('a token must be the same, and nobody is of an organisation', () => {
  assert.equal(allows({ eventSourceToken: 'amzn1.skill' }, { eventSourceToken: 'amzn1.skill' }), true);
  assert.equal(allows({ eventSourceToken: 'amzn1.skill' }, { eventSourceToken: 'amzn1.other' }), false);
  assert.equal(allows({ eventSourceToken: 'amzn1.skill' }, {}), false);
  assert.equal(allows({ principalOrgId: 'o-1234567890' }, {}), false);
});
