import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../identity/principal.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import { functionReference } from './function-reference.ts';

const account = '000000000000' as AccountId;
const principal: Principal = { kind: 'administrator', account, arn: `arn:aws:iam::${account}:root`, accessKeyId: 'A' };
const context = { account, region: 'us-east-1', principal };
const arn = `arn:aws:lambda:us-east-1:${account}:function:hello`;

const refusal = (name: string, qualifier?: string): [string | undefined, string] => {
  try {
    functionReference(context, name, qualifier);
  } catch (error) {
    assert.ok(error instanceof PlatformError);
    return [error.reason, error.message];
  }
  return assert.fail('it was accepted');
};

test('a function is named in every way that Lambda takes', () => {
  for (const name of [
    'hello',
    `${account}:function:hello`,
    `function:hello`,
    `us-east-1:${account}:function:hello`,
    arn,
  ]) {
    assert.deepEqual(
      functionReference(context, name),
      { account, name: 'hello', qualifier: undefined, arn, qualifiedArn: arn },
      name,
    );
    assert.deepEqual(
      functionReference(context, `${name}:prod`),
      { account, name: 'hello', qualifier: 'prod', arn, qualifiedArn: `${arn}:prod` },
      name,
    );
  }
  assert.equal(functionReference(context, 'hello', '$LATEST').qualifiedArn, `${arn}:$LATEST`);
  assert.equal(functionReference(context, 'hello:prod', 'prod').qualifier, 'prod');
});

test('another region, another account and two qualifiers are refused', () => {
  assert.deepEqual(refusal(arn.replace('us-east-1', 'eu-west-1')), [
    'ResourceNotFoundException',
    "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
  ]);
  assert.equal(refusal('111111111111:function:hello')[0], 'AccessDeniedException');
  assert.deepEqual(refusal('hello:prod', '1'), [
    'InvalidParameterValueException',
    'The derived qualifier from the function name does not match the specified qualifier.',
  ]);
});
