import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statementsOf, type Grant } from './policy.ts';

const scope = { account: '000000000000', region: 'us-east-1' };
const resourcesOf = (grant: Grant): readonly string[] =>
  statementsOf([], [grant], scope).flatMap(({ resources }) => resources);

test('a secret is meant whatever six characters end its ARN, and no other whose name begins alike', () => {
  assert.deepEqual(resourcesOf({ grant: 'read', kind: 'secret', name: 'shop/db' }), [
    'arn:aws:secretsmanager:us-east-1:000000000000:secret:shop/db-??????',
  ]);
  assert.deepEqual(resourcesOf({ grant: 'read', kind: 'secret', name: 'shop/*' }), [
    'arn:aws:secretsmanager:us-east-1:000000000000:secret:shop/*',
  ]);
});

test('who may write secrets may ask for passwords, once for all of them', () => {
  const writing = ['shop/db', 'shop/mail'].map((name): Grant => ({ grant: 'write', kind: 'secret', name }));
  const passwords = statementsOf([], writing, scope).filter(({ resources }) => resources.includes('*'));
  assert.deepEqual(passwords, [{ effect: 'allow', actions: ['secretsmanager:GetRandomPassword'], resources: ['*'] }]);
});

test('a path of parameters is meant with all below it, and a name alone', () => {
  const arn = 'arn:aws:ssm:us-east-1:000000000000:parameter';
  assert.deepEqual(resourcesOf({ grant: 'read', kind: 'parameter', name: '/shop/*' }), [
    `${arn}/shop/*`,
    `${arn}/shop`,
  ]);
  assert.deepEqual(resourcesOf({ grant: 'read', kind: 'parameter', name: 'hours' }), [`${arn}/hours`]);
});

test('reading does not let write, nor writing read', () => {
  const actionsOf = (grant: Grant): readonly string[] =>
    statementsOf([], [grant], scope).flatMap(({ actions }) => actions);
  for (const kind of ['bucket', 'secret', 'parameter'] as const) {
    const [read, write] = [
      actionsOf({ grant: 'read', kind, name: 'x' }),
      actionsOf({ grant: 'write', kind, name: 'x' }),
    ];
    assert.deepEqual(
      read.filter((action) => write.includes(action)),
      [],
    );
    assert.ok(write.every((action) => !/:(Get(?!RandomPassword)|Describe)/.test(action)));
  }
});
