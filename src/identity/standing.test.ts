import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Group, ManagedPolicy, Role, User } from '../resources/iam/iam-entities.ts';
import { Identities } from '../resources/iam/identities.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId, type EnvironmentId, type FunctionArn } from '../util/ids.ts';
import { createSealer } from '../util/sealer.ts';
import { judge, requireAllowed } from './judge.ts';
import { parsePolicyDocument } from './policy-document.ts';
import { roleArnOf } from './principal-element.ts';
import type { Principal, SessionFacts } from './principal.ts';
import { createStandings, type FunctionGrants, type StandingParts } from './standing.ts';

const account = '000000000000' as AccountId;
const policy = (Effect: 'Allow' | 'Deny', Action: string | string[], more: object = {}): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect, Action, Resource: '*', ...more } });
const trusting = (Principal: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' } });

const named = (name: string) => ({ account, name, path: '/', id: `ID-${name}`, createdMs: 1 });
const nothing = { inline: {}, attached: [] };
const user = (name: string, more: Partial<User> = {}): User => ({
  ...named(name),
  ...nothing,
  tags: {},
  groups: [],
  ...more,
});
const group = (name: string, more: Partial<Group> = {}): Group => ({ ...named(name), ...nothing, ...more });
const role = (name: string, more: Partial<Role> = {}): Role => ({
  ...named(name),
  ...nothing,
  tags: {},
  trust: trusting({ Service: 'lambda.amazonaws.com' }),
  sessionSecondsMax: 3_600,
  ...more,
});
const managed = (name: string, text: string): ManagedPolicy => ({
  ...named(name),
  modifiedMs: 1,
  versions: [{ id: 'v1', text, createdMs: 1 }],
  defaultVersion: 'v1',
  versionLast: 1,
  tags: {},
});
const arnOf = (kind: string, name: string): string => `arn:aws:iam::${account}:${kind}/${name}`;

const asUser = (userName: string): Principal => ({
  kind: 'user',
  account,
  arn: arnOf('user', userName),
  accessKeyId: 'AKIA',
  userName,
  userId: `ID-${userName}`,
});
const facts: SessionFacts = { issuedMs: 0, policies: [], policyArns: [], tags: {}, transitiveTagKeys: [] };
const asRole = (roleName: string, session: Partial<SessionFacts> = {}): Principal => ({
  kind: 'role',
  account,
  arn: `arn:aws:sts::${account}:assumed-role/${roleName}/one`,
  accessKeyId: 'ASIA',
  roleArn: arnOf('role', roleName),
  roleName,
  roleId: `ID-${roleName}`,
  sessionName: 'one',
  session: { ...facts, ...session },
});
const hello = {
  kind: 'function',
  account,
  arn: `arn:aws:sts::${account}:assumed-role/hello/e1`,
  accessKeyId: 'ASIA',
  functionArn: `arn:aws:lambda:us-east-1:${account}:function:hello` as FunctionArn,
  functionName: 'hello',
  environmentId: 'e1' as EnvironmentId,
} as const satisfies Principal;

async function rig(options: Pick<StandingParts, 'limitsOf'> & { grants?: FunctionGrants } = {}) {
  const clock = new FakeClock();
  const { records } = openMemoryStore({ clock });
  const sealer = createSealer([Buffer.alloc(32, 7)], randomIds);
  const report = (_what: string, cause: unknown) => assert.fail(String(cause));
  const identities = await Identities.open({ records, sealer, clock, report });
  const standingOf = createStandings({ identities, grantsOf: () => options.grants, ...options });
  const says = (principal: Principal, action: string, resource = 'arn:aws:s3:::b'): string => {
    const verdict = judge(standingOf(principal), { action, resource }, {});
    return verdict.decision === 'allowed'
      ? 'allowed'
      : verdict.decision === 'denied'
        ? `denied by ${verdict.by}`
        : `no ${verdict.lacking}`;
  };
  return { identities, standingOf, says };
}

test('a user may what his own policies and his groups’ let him, as they are at the moment', async () => {
  const { identities, says } = await rig();
  const reads = managed('reads', policy('Allow', 's3:Get*'));
  await identities.change(account, (draft) => {
    draft.put('policy', reads);
    draft.put('group', group('staff', { attached: [arnOf('policy', 'reads')] }));
    draft.put('user', user('alice', { groups: ['staff'], inline: { q: policy('Allow', 'sqs:*') } }));
  });
  const alice = asUser('alice');
  assert.equal(says(alice, 's3:GetObject'), 'allowed');
  assert.equal(says(alice, 'sqs:SendMessage'), 'allowed');
  assert.equal(says(alice, 's3:PutObject'), 'no identity');
  const narrower = { id: 'v2', text: policy('Deny', 's3:*'), createdMs: 2 };
  await identities.change(account, (draft) =>
    draft.put('policy', { ...reads, versions: [narrower, ...reads.versions], defaultVersion: 'v2' }),
  );
  assert.equal(says(alice, 's3:GetObject'), 'denied by identity');
  await identities.change(account, (draft) => draft.put('user', user('alice')));
  assert.equal(says(alice, 'sqs:SendMessage'), 'no identity');
});

test('whoever is gone may nothing, and somebody new of the same name does not take his place', async () => {
  const { identities, says } = await rig();
  const all = { inline: { all: policy('Allow', '*') } };
  await identities.change(account, (draft) => {
    draft.put('user', user('alice', { ...all, id: 'another' }));
    draft.put('role', role('worker', { ...all, id: 'another' }));
  });
  for (const principal of [asUser('alice'), asUser('nobody'), asRole('worker'), asRole('none')])
    assert.equal(says(principal, 's3:GetObject'), 'no identity');
});

test('a boundary that is gone bounds everything, and AWS’s own policies are there', async () => {
  const { identities, says } = await rig();
  const administers = 'arn:aws:iam::aws:policy/AdministratorAccess';
  await identities.change(account, (draft) => {
    draft.put(
      'user',
      user('bound', { attached: [administers], boundary: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }),
    );
    draft.put('user', user('lost', { attached: [administers], boundary: arnOf('policy', 'gone') }));
  });
  assert.equal(says(asUser('bound'), 's3:GetObject'), 'allowed');
  assert.equal(says(asUser('bound'), 's3:PutObject'), 'no boundary');
  assert.equal(says(asUser('lost'), 's3:GetObject'), 'no boundary');
});

test('a session is narrowed by its policies, given or managed; one for somebody else has nothing without', async () => {
  const { identities, says } = await rig();
  await identities.change(account, (draft) => {
    draft.put('role', role('worker', { inline: { all: policy('Allow', '*') } }));
    draft.put('user', user('alice', { inline: { all: policy('Allow', 's3:*') } }));
  });
  assert.equal(says(asRole('worker'), 'sqs:SendMessage'), 'allowed');
  const narrowed = asRole('worker', {
    policies: [policy('Allow', 'sqs:*')],
    policyArns: ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'],
  });
  assert.equal(says(narrowed, 'sqs:SendMessage'), 'allowed');
  assert.equal(says(narrowed, 's3:GetObject'), 'allowed');
  assert.equal(says(narrowed, 's3:PutObject'), 'no session');
  const federated = (policies: string[], userName?: string): Principal => ({
    kind: 'federated',
    account,
    arn: `arn:aws:sts::${account}:federated-user/guest`,
    accessKeyId: 'ASIA',
    name: 'guest',
    userName,
    session: { ...facts, policies },
  });
  assert.equal(says(federated([]), 's3:GetObject'), 'no session');
  assert.equal(says(federated([policy('Allow', 's3:Get*')], 'alice'), 's3:GetObject'), 'allowed');
  assert.equal(says(federated([policy('Allow', '*')], 'alice'), 'sqs:SendMessage'), 'no identity');
});

test('tags of a session stand over those of its role, whatever their letters', async () => {
  const { identities, says } = await rig();
  const own = policy('Allow', 's3:*', { Condition: { StringEquals: { 'aws:PrincipalTag/Team': 'red' } } });
  await identities.change(account, (draft) =>
    draft.put('role', role('worker', { inline: { own }, tags: { team: 'red' } })),
  );
  assert.equal(says(asRole('worker'), 's3:GetObject'), 'allowed');
  assert.equal(says(asRole('worker', { tags: { TEAM: 'blue' } }), 's3:GetObject'), 'no identity');
});

test('a function may what its manifest says, or what the role says that it was given', async () => {
  const permissions = [{ effect: 'allow', actions: ['s3:*'], resources: ['arn:aws:s3:::b'] }] as const;
  const ofManifest = await rig({ grants: { permissions } });
  assert.equal(ofManifest.says(hello, 's3:GetObject'), 'allowed');
  assert.equal(ofManifest.says(hello, 's3:GetObject', 'arn:aws:s3:::c'), 'no identity');
  assert.equal((await rig()).says(hello, 's3:GetObject'), 'no identity');

  const ofRole = await rig({ grants: { permissions: [], role: arnOf('role', 'worker') } });
  assert.equal(ofRole.says(hello, 'sqs:SendMessage'), 'no identity', 'there is no such role');
  const worker = role('worker', { inline: { q: policy('Allow', 'sqs:*') } });
  await ofRole.identities.change(account, (draft) => draft.put('role', worker));
  assert.equal(ofRole.says(hello, 'sqs:SendMessage'), 'allowed');
  assert.equal(ofRole.says(hello, 's3:GetObject'), 'no identity');
  const { asker } = ofRole.standingOf(hello);
  assert.equal(asker.principal.arn, `arn:aws:sts::${account}:assumed-role/worker/hello`);
  assert.equal(roleArnOf(asker.principal), arnOf('role', 'worker'));
  const others = { ...worker, trust: trusting({ Service: 'ec2.amazonaws.com' }) };
  await ofRole.identities.change(account, (draft) => draft.put('role', others));
  assert.equal(ofRole.says(hello, 'sqs:SendMessage'), 'no identity', 'the role does not let Lambda have it');
});

test('a function that is called like a role is not taken for it', async () => {
  const { identities, standingOf } = await rig({ grants: { permissions: [] } });
  const access = { action: 's3:GetObject', resource: 'arn:aws:s3:::b' };
  const statement = { Effect: 'Allow', Principal: { AWS: arnOf('role', 'hello') }, Action: '*', Resource: '*' };
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statement });
  const side = { account, document: parsePolicyDocument(text) };
  assert.equal(judge(standingOf(hello), access, {}, side).decision, 'allowed');
  await identities.change(account, (draft) => draft.put('role', role('hello')));
  assert.equal(judge(standingOf(hello), access, {}, side).decision, 'not_allowed');
  // Grants of keys are asked by the principal alone.
  assert.notEqual(roleArnOf(standingOf(hello).asker.principal), arnOf('role', 'hello'));
});

test('an account’s limits hold for the account itself', async () => {
  const only = parsePolicyDocument(policy('Allow', 's3:*'), 'identity');
  const { says } = await rig({ limitsOf: () => [[only]] });
  const root: Principal = { kind: 'administrator', account, arn: `arn:aws:iam::${account}:root`, accessKeyId: 'AKIA' };
  assert.equal(says(root, 's3:GetObject'), 'allowed');
  assert.equal(says(root, 'sqs:SendMessage'), 'no organisation');
});

test('who is refused is told who he is, what he asked for, and which kind of policy it was', async () => {
  const { identities, standingOf } = await rig();
  await identities.change(account, (draft) =>
    draft.put('user', user('alice', { inline: { no: policy('Deny', 'sqs:*') } })),
  );
  const standing = standingOf(asUser('alice'));
  const refusal = (action: string) => () => {
    const access = { action, resource: 'arn:aws:sqs:us-east-1:000000000000:q' };
    requireAllowed(judge(standing, access, {}), standing, access);
  };
  const who = String.raw`User: arn:aws:iam::000000000000:user\/alice is not authorized to perform: `;
  const on = String.raw` on resource: "arn:aws:sqs:us-east-1:000000000000:q" `;
  assert.throws(refusal('sqs:SendMessage'), {
    code: 'permission_denied',
    reason: 'AccessDenied',
    message: new RegExp(`^${who}sqs:SendMessage${on}with an explicit deny in an identity-based policy$`),
  });
  assert.throws(refusal('s3:GetObject'), {
    message: new RegExp(`^${who}s3:GetObject${on}because no identity-based policy allows the s3:GetObject action$`),
  });
});
