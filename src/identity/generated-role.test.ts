import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noExtras, type FunctionRecord, type FunctionSettings } from '../registry/function.ts';
import { functionArn, latestVersion, type AccountId } from '../util/ids.ts';
import { generatedRole, generatedRoleArn } from './generated-role.ts';
import { decide, parsePolicyDocument } from './policy-document.ts';

const account = '000000000000' as AccountId;
const arn = functionArn('us-east-1', account, 'hello');

function record(settings: Partial<FunctionSettings>): FunctionRecord {
  const version = {
    account,
    name: 'hello',
    arn,
    version: latestVersion,
    settingsHash: '',
    createdMs: 7,
    revisionId: '',
  };
  return {
    account,
    name: 'hello',
    arn,
    createdMs: 7,
    latest: { ...version, settings: { permissions: [], ...settings } as unknown as FunctionSettings },
    versionLast: 0,
    aliases: {},
    revisionId: '',
    modifiedMs: 7,
    extras: noExtras,
  };
}

test('a function’s own role is seen with what its manifest lets it, and trusts Lambda alone', () => {
  const permissions = [{ effect: 'allow', actions: ['s3:Get*'], resources: ['arn:aws:s3:::b/*'] }] as const;
  const role = generatedRole(record({ permissions }));
  assert.ok(role);
  assert.equal(generatedRoleArn(account, role.name), `arn:aws:iam::${account}:role/hello`);
  assert.match(role.id, /^AROA[A-Z2-7]{17}$/);
  assert.equal(role.id, generatedRole(record({}))?.id);
  assert.deepEqual(JSON.parse(role.inline['permissions'] ?? ''), {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['s3:Get*'], Resource: ['arn:aws:s3:::b/*'] }],
  });
  const trusts = (service: string) =>
    decide(parsePolicyDocument(role.trust, 'trust'), {
      action: 'sts:AssumeRole',
      resource: '',
      asker: { kind: 'service', service },
    });
  assert.equal(trusts('lambda.amazonaws.com'), 'allowed');
  assert.equal(trusts('ec2.amazonaws.com'), 'not_allowed');
});

test('one that may nothing has no policy, and one that was given a role has none of its own', () => {
  assert.deepEqual(generatedRole(record({}))?.inline, {});
  assert.equal(generatedRole(record({ role: 'arn:aws:iam::000000000000:role/any' })), undefined);
});
