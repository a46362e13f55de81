import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AwsContext, OperationEntry } from './service.ts';
import { putRule } from './events/rule-operations.ts';
import { putTargets } from './events/target-operations.ts';
import { createPipe, updatePipe } from './pipes/pipe-operations.ts';
import { createSchedule, updateSchedule } from './scheduler/schedule-operations.ts';

const RoleArn = 'arn:aws:iam::000000000000:role/everything';
const context = { account: '000000000000', region: 'us-east-1' } as AwsContext;
const nothing = {} as never;

/** Roles that whoever asks this must be allowed to pass. */
async function rolesPassed(entry: OperationEntry, input: object): Promise<string[]> {
  const asked = await entry.access(context, input as never);
  assert.ok(asked.length > 0);
  return asked.filter(({ action }) => action === 'iam:PassRole').map(({ resource }) => resource);
}

test('who has a service send with a role needs permission to pass that role', async () => {
  const target = { Id: '1', Arn: 'arn:aws:sqs:us-east-1:000000000000:others' };
  for (const [entry, input, without] of [
    [putTargets(nothing), { Rule: 'r', Targets: [{ ...target, RoleArn }, target] }, { Rule: 'r', Targets: [target] }],
    [putRule(nothing), { Name: 'r', RoleArn }, { Name: 'r' }],
    [createSchedule(nothing), { Name: 's', Target: { ...target, RoleArn } }, { Name: 's' }],
    [updateSchedule(nothing), { Name: 's', Target: { ...target, RoleArn } }, { Name: 's' }],
    [createPipe(nothing), { Name: 'p', RoleArn }, { Name: 'p' }],
    [updatePipe(nothing), { Name: 'p', RoleArn }, { Name: 'p' }],
  ] as const) {
    assert.deepEqual(await rolesPassed(entry, input), [RoleArn]);
    assert.deepEqual(await rolesPassed(entry, without), []);
  }
});
