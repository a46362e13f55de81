import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Queues } from '../resources/queue.ts';
import { queueSettingsDefault } from '../resources/queue-settings.ts';
import type { AccountId } from '../util/ids.ts';
import { checkPermission } from './check-permission.ts';
import { queuePermission } from './queue-permission.ts';
import type { RoleUse } from './role-permission.ts';

const account = '000000000000' as AccountId;
const region = 'us-east-1';
const arn = `arn:aws:sqs:${region}:${account}:jobs`;
const behalf = {
  service: 'events.amazonaws.com',
  sourceArn: `arn:aws:events:${region}:${account}:rule/large`,
  sourceAccount: account,
};

const role = `arn:aws:iam::${account}:role/any`;
/** One role is there, and allows sending. */
const roles = {
  whyNot: ({ roleArn, action, resource }: RoleUse) =>
    roleArn === role && action === 'sqs:SendMessage' && resource === arn ? undefined : `there is no role ${roleArn}`,
};

/** What comes of sending to a queue whose policy has this statement. */
function sending(statement: object | undefined, roleArn?: string): string {
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: statement ?? [] });
  const settings = { ...queueSettingsDefault, ...(statement !== undefined && { policy }) };
  const queues: Pick<Queues, 'get'> = {
    get: (_account, name) => (name === 'jobs' ? { account, name, settings, createdMs: 0, modifiedMs: 0 } : undefined),
  } as Pick<Queues, 'get'>;
  try {
    const permission = queuePermission(queues, region)(account, 'jobs', behalf);
    const sent = { behalf, arn, ...(roleArn !== undefined && { roleArn }) };
    checkPermission(permission, 'the queue jobs', sent, { action: 'sqs:SendMessage', roles });
    return 'sent';
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
}

const allow = { Effect: 'Allow', Principal: { Service: behalf.service }, Action: 'sqs:SendMessage', Resource: arn };

test('a service is let in by the policy, or with a role of the account', () => {
  assert.equal(sending(allow), 'sent');
  assert.equal(sending(undefined, role), 'sent');
  assert.equal(sending({ ...allow, Principal: { Service: 's3.amazonaws.com' } }, role), 'sent');
  assert.match(sending(undefined), /does not let events\.amazonaws\.com in/);
  assert.match(
    sending(undefined, 'arn:aws:iam::000000000000:role/other'),
    /does not let events\.amazonaws\.com in .*, and there is no role arn:aws:iam::000000000000:role\/other/,
  );
});

test('no role lets in whom the policy denies', () => {
  const deny = { ...allow, Effect: 'Deny', Principal: '*' };
  assert.match(sending(deny, role), /the policy of the queue jobs denies events\.amazonaws\.com for .*rule\/large/);
  assert.match(sending(deny), /denies/);
  const others = { ...deny, Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/other' } } };
  assert.equal(sending(others, role), 'sent');
});
