import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noPolicies } from '../identity/evaluate.ts';
import { functionBearer, type Principal } from '../identity/principal.ts';
import type { AccountId, EnvironmentId, FunctionArn } from '../util/ids.ts';
import { createAuthorization } from './authorization.ts';

const account = '000000000000' as AccountId;
const bare: Principal = {
  ...functionBearer({
    account,
    functionArn: `arn:aws:lambda:us-east-1:${account}:function:hello` as FunctionArn,
    functionName: 'hello',
    environmentId: '1' as EnvironmentId,
  }),
  accessKeyId: '',
};

test('a resource is asked about who somebody is with his role, and not about the role that is called like him', () => {
  const holder: Principal = { ...bare, roleArn: `arn:aws:iam::${account}:role/worker` };
  const asked: Principal[] = [];
  const authorization = createAuthorization({
    standingOf: () => ({ asker: { kind: 'principal', principal: holder }, policies: noPolicies, keys: {} }),
    sides: [(principal) => ({ isGranted: asked.push(principal) > 0 })],
  });
  authorization(bare, [{ action: 'kms:Decrypt', resource: `arn:aws:kms:us-east-1:${account}:key/1` }], {});
  assert.deepEqual(asked, [holder]);
});
