import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isVersionNamed, type NamedVersionsParts } from './named-versions.ts';
import type { Rule } from './resources/event-bus/rule.ts';
import type { Pipe } from './resources/pipe/pipe.ts';
import type { Scheduled } from './resources/scheduler/scheduled.ts';
import type { Secret } from './resources/secret/secret.ts';
import type { Subscription } from './resources/topic-subscription.ts';
import { noExtras, type FunctionRecord } from './registry/function.ts';
import type { AccountId, VersionId } from './util/ids.ts';

const account = '000000000000' as AccountId;
const other = '111111111111' as AccountId;
const arn = `arn:aws:lambda:us-east-1:${account}:function:hello:3`;

const nobody: NamedVersionsParts = {
  region: 'us-east-1',
  accounts: { ids: () => [account, other] },
  registry: { all: () => [] },
  topics: { allSubscriptions: () => [] },
  buses: { allRules: () => [] },
  schedules: { all: () => [] },
  pipes: { all: () => [] },
  secrets: { list: () => [] },
  asynchronous: { mayWaitFor: async () => false },
};

/** Of each engine, something that names `named`. */
const naming = (named: string): Record<string, Partial<NamedVersionsParts>> => ({
  subscription: { topics: { allSubscriptions: () => [{ endpoint: named } as Subscription] } },
  rule: { buses: { allRules: () => [{ targets: [{ arn: named }] }] as unknown as Rule[] } },
  schedule: {
    schedules: { all: () => [{ settings: { target: { arn: named } } } as Scheduled] },
  },
  pipe: {
    pipes: { all: () => [{ settings: { target: { arn: named } } } as Pipe] },
  },
  enrichment: {
    pipes: { all: () => [{ settings: { enrichment: { arn: named }, target: { arn: 'x' } } } as Pipe] },
  },
  onSuccess: { registry: { all: () => [withDestination({ onSuccess: named })] } },
  onFailure: { registry: { all: () => [withDestination({ onFailure: named })] } },
  rotation: {
    secrets: { list: (of) => (of === other ? [{ rotation: { functionArn: named } } as Secret] : []) },
  },
});

const withDestination = (to: { onSuccess?: string; onFailure?: string }): FunctionRecord =>
  ({ extras: { ...noExtras, eventInvokes: { live: { ...to, modifiedMs: 0 } } } }) as unknown as FunctionRecord;

const isNamed = (change: Partial<NamedVersionsParts>): Promise<boolean> =>
  isVersionNamed({ ...nobody, ...change }, account, 'hello', '3' as VersionId);

for (const [what, change] of Object.entries(naming(arn))) {
  test(`a version is named by the ARN in a ${what}`, async () => assert.equal(await isNamed(change), true));
}

test('what names another version, another function, an alias or the function alone does not name it', async () => {
  const others = [`${arn}3`, arn.replace(':hello', ':hello2'), arn.replace(':3', ':live'), arn.slice(0, -2)];
  for (const another of others)
    for (const [what, change] of Object.entries(naming(another)))
      assert.equal(await isNamed(change), false, `${what} ${another}`);
});

test('an event that waits for it names it', async () => {
  const asked: string[] = [];
  const mayWaitFor = async (of: AccountId, name: string, qualifier: string): Promise<boolean> => {
    asked.push(`${of}/${name}:${qualifier}`);
    return true;
  };
  assert.equal(await isNamed({ asynchronous: { mayWaitFor } }), true);
  assert.deepEqual(asked, [`${account}/hello:3`]);
});
