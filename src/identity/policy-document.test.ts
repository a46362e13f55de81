import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, EnvironmentId, FunctionArn } from '../util/ids.ts';
import { decide, parsePolicyDocument } from './policy-document.ts';
import type { Asker } from './principal-element.ts';

const account = '000000000000' as AccountId;
const resource = 'arn:aws:sns:us-east-1:000000000000:news';
const topics: Asker = {
  kind: 'service',
  service: 'sns.amazonaws.com',
  sourceArn: resource,
  sourceAccount: account,
};
const hello: Asker = {
  kind: 'principal',
  principal: {
    kind: 'function',
    account,
    arn: 'arn:aws:sts::000000000000:assumed-role/hello/e1',
    accessKeyId: 'ASIA',
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:hello' as FunctionArn,
    functionName: 'hello',
    environmentId: 'e1' as EnvironmentId,
  },
};

const decision = (statement: object, asker: Asker, action = 'SNS:Publish') =>
  decide(parsePolicyDocument(JSON.stringify({ Version: '2012-10-17', Statement: statement })), {
    action,
    resource,
    asker,
  });
const allow = { Effect: 'Allow', Principal: '*', Action: 'sns:*', Resource: '*' };

test('everybody, a service, a role: who is named is meant, and nobody else', () => {
  assert.equal(decision(allow, hello), 'allowed');
  assert.equal(decision({ ...allow, Principal: { Service: 'sns.amazonaws.com' } }, topics), 'allowed');
  assert.equal(decision({ ...allow, Principal: { Service: 's3.amazonaws.com' } }, topics), 'not_allowed');
  assert.equal(decision({ ...allow, Principal: { AWS: '*' } }, topics), 'not_allowed');
  const role = 'arn:aws:iam::000000000000:role/hello';
  assert.equal(decision({ ...allow, Principal: { AWS: [role] } }, hello), 'allowed');
  assert.equal(decision({ ...allow, Principal: { AWS: account } }, hello), 'not_allowed');
  const { Principal: _all, ...others } = allow;
  assert.equal(decision({ ...others, NotPrincipal: { AWS: role } }, hello), 'not_allowed');
});

test('a denial wins, whatever else allows', () => {
  const deny = { ...allow, Effect: 'Deny', Action: 'SNS:publish' };
  assert.equal(decision([allow, deny], hello), 'denied');
  assert.equal(decision([allow, deny], hello, 'sns:Subscribe'), 'allowed');
});

test('conditions look at where a request comes from; a key that is not there is no match', () => {
  const from = (operator: string, value: string, key = 'aws:SourceArn') =>
    decision({ ...allow, Condition: { [operator]: { [key]: value } } }, topics);
  assert.equal(from('ArnEquals', resource), 'allowed');
  assert.equal(from('ArnLike', 'arn:aws:sns:*:*:ne*'), 'allowed');
  assert.equal(from('ArnLike', 'arn:aws:sns:*'), 'not_allowed');
  assert.equal(from('StringEquals', account, 'AWS:SourceAccount'), 'allowed');
  assert.equal(from('StringNotEquals', account, 'AWS:SourceAccount'), 'not_allowed');
  assert.equal(from('StringEquals', 'x', 'aws:PrincipalOrgID'), 'not_allowed');
  assert.equal(from('StringEqualsIfExists', 'x', 'aws:PrincipalOrgID'), 'allowed');
  assert.equal(from('Null', 'true', 'aws:PrincipalOrgID'), 'allowed');
});

test('what is not understood is refused when it is read', () => {
  const refused = [
    'x',
    '[]',
    '{"Statement":[]}',
    '{"Version":"2020-01-01","Statement":{}}',
    JSON.stringify({ Statement: { ...allow, Effect: 'Maybe' } }),
    JSON.stringify({ Statement: { ...allow, Condition: { DateBefore: { 'aws:CurrentTime': '2030' } } } }),
    JSON.stringify({ Statement: { ...allow, Condition: { DateLessThan: { 'aws:CurrentTime': 'soon' } } } }),
    '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{},"Condition":{}}}',
    `{"Statement":${'['.repeat(50)}${']'.repeat(50)}}`,
    JSON.stringify({ Statement: { ...allow, Principal: { Human: 'x' } } }),
    JSON.stringify({ Statement: { ...allow, Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/33' } } } }),
    JSON.stringify({ Statement: { ...allow, Extra: 1 } }),
  ];
  for (const text of refused) assert.throws(() => parsePolicyDocument(text), { code: 'invalid_argument' });
});
