import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventBus } from '../resources/event-bus/event-bus.ts';
import type { AccountId } from '../util/ids.ts';
import { busPermission } from './bus-permission.ts';

const [owner, other] = ['000000000000' as AccountId, '111111111111' as AccountId];
const busArn = `arn:aws:events:us-east-1:${owner}:event-bus/orders`;
const rule = `arn:aws:events:us-east-1:${other}:rule/send`;
const role = `arn:aws:iam::${other}:role/sender`;

type Statement = Record<string, unknown>;
const allow = (more: Statement): Statement => ({
  Effect: 'Allow',
  Action: 'events:PutEvents',
  Resource: busArn,
  ...more,
});

function permissionOf(statements: readonly Statement[], asker: { account?: AccountId; roleArn?: string } = {}): string {
  const bus = {
    account: owner,
    name: 'orders',
    ...(statements.length > 0 && { policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }) }),
  } as EventBus;
  const mayPut = busPermission({ bus: (_account, name) => (name === 'orders' ? bus : undefined) }, 'us-east-1');
  const { account: sourceAccount = other, ...more } = asker;
  return mayPut(owner, 'orders', {
    service: 'events.amazonaws.com',
    sourceArn: rule,
    sourceAccount,
    source: 'shop',
    detailType: 'Paid',
    ...more,
  });
}

const rows: [what: string, statements: Statement[], asker: Parameters<typeof permissionOf>[1], expected: string][] = [
  ['its own account, without a policy', [], { account: owner }, 'allowed'],
  ['another account, without a policy', [], {}, 'not_allowed'],
  ['the account by its number', [allow({ Principal: { AWS: other } })], {}, 'allowed'],
  ['the account by its root', [allow({ Principal: { AWS: `arn:aws:iam::${other}:root` } })], {}, 'allowed'],
  ['a third account', [allow({ Principal: { AWS: '222222222222' } })], {}, 'not_allowed'],
  ['everybody', [allow({ Principal: '*' })], {}, 'allowed'],
  ['the account, with a role of it', [allow({ Principal: { AWS: other } })], { roleArn: role }, 'allowed'],
  ['the role', [allow({ Principal: { AWS: role } })], { roleArn: role }, 'allowed'],
  ['the role, without it', [allow({ Principal: { AWS: role } })], {}, 'not_allowed'],
  ['another role', [allow({ Principal: { AWS: `${role}s` } })], { roleArn: role }, 'not_allowed'],
  ['another bus', [allow({ Principal: '*', Resource: `${busArn}s` })], {}, 'not_allowed'],
  ['another action', [allow({ Principal: '*', Action: 'events:PutRule' })], {}, 'not_allowed'],
  [
    'the rule that sends',
    [allow({ Principal: '*', Condition: { ArnEquals: { 'aws:SourceArn': rule } } })],
    {},
    'allowed',
  ],
  [
    'another rule',
    [allow({ Principal: '*', Condition: { ArnEquals: { 'aws:SourceArn': `${rule}s` } } })],
    {},
    'not_allowed',
  ],
  [
    'events of that source',
    [allow({ Principal: '*', Condition: { StringEquals: { 'events:source': 'shop' } } })],
    {},
    'allowed',
  ],
  [
    'events of another kind',
    [allow({ Principal: '*', Condition: { StringEquals: { 'events:detail-type': 'Sent' } } })],
    {},
    'not_allowed',
  ],
  [
    'nobody whom it denies',
    [allow({ Principal: '*' }), { ...allow({ Principal: { AWS: other } }), Effect: 'Deny' }],
    {},
    'denied',
  ],
  [
    'not even its own account where it denies that',
    [{ ...allow({ Principal: '*' }), Effect: 'Deny' }],
    { account: owner },
    'denied',
  ],
];

for (const [what, statements, asker, expected] of rows) {
  test(`a bus lets in ${what}: ${expected}`, () => assert.equal(permissionOf(statements, asker), expected));
}

test('a bus that is not there is missing', () => {
  const mayPut = busPermission({ bus: () => undefined }, 'us-east-1');
  const asker = { service: 'x', sourceArn: rule, sourceAccount: owner, source: 'shop', detailType: 'Paid' };
  assert.equal(mayPut(owner, 'none', asker), 'missing');
});
