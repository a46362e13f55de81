import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FunctionRecord, ResourceStatement } from '../../registry/function.ts';
import type { Registry, Resolved } from '../../registry/registry.ts';
import { randomIds, type AccountId } from '../../util/ids.ts';
import { functionPermission } from '../../events/function-permission.ts';
import { notificationDestination } from './notification-destination.ts';

const account = '000000000000' as AccountId;

function destinationOf(
  policies: Record<string, readonly ResourceStatement[]>,
  { application, bucket = 'photos' }: { application?: string; bucket?: string } = {},
): string {
  const record = { extras: { policies }, ...(application === undefined ? {} : { application }) };
  const registry: Pick<Registry, 'get' | 'resolve'> = {
    get: (_account, name) => (name === 'resize' ? (record as unknown as FunctionRecord) : undefined),
    resolve: (_account, name, qualifier) =>
      name === 'resize' && ['$LATEST', 'live'].includes(qualifier ?? '') ? ({} as unknown as Resolved) : undefined,
  };
  return notificationDestination(functionPermission(registry, randomIds))({ account, bucket }, 'resize', '$LATEST');
}

const statement: ResourceStatement = {
  id: 's3',
  principal: 's3.amazonaws.com',
  action: 'lambda:InvokeFunction',
  sourceArn: 'arn:aws:s3:::photos',
  sourceAccount: account,
};

test('a function of somebody’s own lets S3 call it for a bucket, or does not', () => {
  assert.equal(destinationOf({}), 'not_allowed');
  assert.equal(destinationOf({ $LATEST: [statement] }), 'allowed');
  assert.equal(destinationOf({ live: [statement] }), 'not_allowed');
  assert.equal(destinationOf({ $LATEST: [statement] }, { bucket: 'others' }), 'not_allowed');
  assert.equal(destinationOf({ $LATEST: [{ ...statement, principal: 'sns.amazonaws.com' }] }), 'not_allowed');
  assert.equal(destinationOf({ $LATEST: [{ ...statement, action: 'lambda:GetFunction' }] }), 'not_allowed');
});

test('a deployment has granted what its functions are for', () => {
  assert.equal(destinationOf({}, { application: 'shop' }), 'allowed');
});

test('a function, version or alias that is not there is missing', () => {
  const registry = { get: () => undefined, resolve: () => undefined };
  const destination = notificationDestination(functionPermission(registry, randomIds));
  assert.equal(destination({ account, bucket: 'photos' }, 'resize', '$LATEST'), 'missing');
});
