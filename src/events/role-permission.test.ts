import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePolicyDocument, type PolicyDocument } from '../identity/policy-document.ts';
import { createAssumeForService } from '../identity/service-session.ts';
import { createStandings } from '../identity/standing.ts';
import type { Role } from '../resources/iam/iam-entities.ts';
import { Identities } from '../resources/iam/identities.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId } from '../util/ids.ts';
import { createSealer } from '../util/sealer.ts';
import { createRoles } from './role-permission.ts';

const account = '000000000000' as AccountId;
const resource = `arn:aws:sqs:us-east-1:${account}:jobs`;
const roleArn = `arn:aws:iam::${account}:role/sender`;
const behalf = {
  service: 'events.amazonaws.com',
  sourceArn: `arn:aws:events:us-east-1:${account}:rule/large`,
  sourceAccount: account,
};
const text = (statement: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
const sender: Role = {
  account,
  name: 'sender',
  path: '/',
  id: 'AROA1',
  createdMs: 1,
  inline: { sends: text({ Action: 'sqs:SendMessage', Resource: resource }) },
  attached: [],
  tags: {},
  sessionSecondsMax: 3_600,
  trust: text({
    Principal: { Service: behalf.service },
    Action: 'sts:AssumeRole',
    Condition: { ArnLike: { 'aws:SourceArn': behalf.sourceArn } },
  }),
};

test('a service may with a role what the role allows, if it is there and trusts the service for what it acts for', async () => {
  const clock = new FakeClock();
  const { records } = openMemoryStore({ clock });
  const sealer = createSealer([Buffer.alloc(32, 7)], randomIds);
  const report = (_what: string, cause: unknown) => assert.fail(String(cause));
  const identities = await Identities.open({ records, sealer, clock, report });
  const standingOf = createStandings({ identities, grantsOf: () => undefined });
  let document: PolicyDocument | undefined;
  let owner = account;
  const sideOf = () => ({ account: owner, document });
  const roles = createRoles({ identities, assume: createAssumeForService(identities, clock), standingOf, sideOf });
  const use = { roleArn, behalf, action: 'sqs:SendMessage', resource };

  assert.match(roles.whyNot(use) ?? '', /there is no role/);
  let changes = 0;
  const watch = roles.watch(() => (changes += 1));
  await identities.change(account, (draft) => draft.put('role', sender));
  assert.equal(changes, 1);
  watch.stop();

  assert.equal(roles.whyNot(use), undefined);
  assert.match(roles.whyNot({ ...use, action: 'sqs:DeleteQueue' }) ?? '', /does not allow sqs:DeleteQueue/);
  assert.match(roles.whyNot({ ...use, resource: `${resource}s` }) ?? '', /does not allow/);
  const others = { ...behalf, sourceArn: `${behalf.sourceArn}r` };
  assert.match(roles.whyNot({ ...use, behalf: others }) ?? '', /does not let events\.amazonaws\.com assume it/);
  const pipes = { ...behalf, service: 'pipes.amazonaws.com' };
  assert.match(roles.whyNot({ ...use, behalf: pipes }) ?? '', /does not let pipes\.amazonaws\.com assume it/);
  const policy = (Effect: string) =>
    parsePolicyDocument(
      JSON.stringify({ Statement: { Effect, Principal: { AWS: roleArn }, Action: 'sqs:*', Resource: '*' } }),
    );
  document = policy('Deny');
  assert.match(roles.whyNot(use) ?? '', /a policy denies the role/);
  document = undefined;
  owner = '111111111111' as AccountId;
  assert.match(
    roles.whyNot(use) ?? '',
    /the policy of .*jobs does not let the role .*sender in/,
    'another account’s queue',
  );
  document = policy('Allow');
  assert.equal(roles.whyNot(use), undefined);
  const foreign = { ...behalf, sourceAccount: '111111111111' as AccountId };
  assert.match(roles.whyNot({ ...use, behalf: foreign }) ?? '', /there is no role .* in the account 111111111111/);
});

test('what a trust policy says of the time is asked', async () => {
  const clock = new FakeClock(Date.parse('2030-01-01T00:00:00Z'));
  const { records } = openMemoryStore({ clock });
  const sealer = createSealer([Buffer.alloc(32, 7)], randomIds);
  const report = (_what: string, cause: unknown) => assert.fail(String(cause));
  const identities = await Identities.open({ records, sealer, clock, report });
  const trust = text({
    Principal: { Service: behalf.service },
    Action: 'sts:AssumeRole',
    Condition: { DateLessThan: { 'aws:CurrentTime': '2030-01-01T01:00:00Z' } },
  });
  await identities.change(account, (draft) => draft.put('role', { ...sender, trust }));
  const standingOf = createStandings({ identities, grantsOf: () => undefined, clock });
  const assume = createAssumeForService(identities, clock);
  const roles = createRoles({ identities, assume, standingOf, sideOf: () => ({ account }) });
  const use = { roleArn, behalf, action: 'sqs:SendMessage', resource };
  assert.equal(roles.whyNot(use), undefined);
  await clock.advance(3_600_000);
  assert.match(roles.whyNot(use) ?? '', /does not let events\.amazonaws\.com assume it/);
});
