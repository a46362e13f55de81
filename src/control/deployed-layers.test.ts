import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from '../manifest/deployment.ts';
import type { LayerStatement, LayerVersion } from '../registry/layers.ts';
import type { AccountId, BundleHash } from '../util/ids.ts';
import { withLayers } from './deployed-layers.ts';

const owner = '111111111111' as AccountId;
const other = '222222222222' as AccountId;
const arn = `arn:aws:lambda:us-east-1:${owner}:layer:private:1`;
const bundle = '0'.repeat(64) as BundleHash;

function deployedBy(account: AccountId, ...statements: readonly LayerStatement[]): Deployment {
  const layer: LayerVersion = {
    account: owner,
    name: 'private',
    version: 1,
    arn,
    bundle,
    zipBytes: 1,
    createdMs: 0,
    statements,
    revisionId: '1',
  };
  const layers = {
    byArn: (given: string) => (given === arn ? layer : undefined),
    find: (given: string) => (given === arn ? { arn, bundle, zipBytes: 1 } : undefined),
  };
  const functions = [{ name: 'curious', layers: [arn], settings: {} }];
  return withLayers(layers, account, { application: 'a', functions } as unknown as Deployment);
}

test('a layer of another account is deployed with only where its policy opens it', () => {
  const closed = { code: 'not_found', message: /is not here/ };
  assert.ok(deployedBy(owner));
  assert.throws(() => deployedBy(other), closed);
  assert.throws(() => deployedBy(other, { id: 'a', principal: '333333333333' }), closed);
  assert.throws(() => deployedBy(other, { id: 'a', principal: '*', organizationId: 'o-1' }), closed);
  for (const principal of ['*', other, `arn:aws:iam::${other}:root`])
    assert.ok(deployedBy(other, { id: 'a', principal }).functions[0]?.settings.layers);
});
