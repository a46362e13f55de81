import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessKeyPurpose, type Role, type User } from '../resources/iam/iam-entities.ts';
import { Identities } from '../resources/iam/identities.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { PlatformError } from '../util/errors.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { type AccountId, type EnvironmentId, functionArn, randomIds } from '../util/ids.ts';
import { createSealer } from '../util/sealer.ts';
import { functionBearer, type SessionFacts } from './principal.ts';
import { createSigners, rootOf } from './signer.ts';
import { type Bearer, createTemporaryCredentials } from './temporary-credentials.ts';

const account = '000000000000' as AccountId;
const administrator = { accessKeyId: 'AKIAADMINISTRATOR123', secretAccessKey: 'secret' };
const sealer = createSealer([Buffer.alloc(32, 7)], randomIds);
const sessions = createTemporaryCredentials(Buffer.alloc(32, 1), randomIds);
const keyId = 'AKIAOFALICE234567AAA';
const environmentId = 'environment-1' as EnvironmentId;

const facts: SessionFacts = { issuedMs: 0, policies: [], policyArns: [], tags: {}, transitiveTagKeys: [] };
const entity = (name: string, id: string) => ({
  account,
  name,
  path: '/team/',
  id,
  createdMs: 0,
  inline: {},
  attached: [],
  tags: {},
});
const alice: User = { ...entity('alice', 'AIDAALICE'), groups: [] };
const reader: Role = { ...entity('reader', 'AROAREADER'), trust: '{}', sessionSecondsMax: 3_600 };
const key = {
  account,
  name: keyId,
  userName: 'alice',
  sealedSecret: sealer.seal('of alice', accessKeyPurpose(keyId)),
  isActive: true,
  createdMs: 0,
};

const user: Bearer = {
  kind: 'user',
  account,
  arn: 'arn:alice',
  userName: 'alice',
  userId: 'AIDAALICE',
  session: facts,
};
const role: Bearer = {
  kind: 'role',
  account,
  arn: `arn:aws:sts::${account}:assumed-role/reader/once`,
  roleArn: `arn:aws:iam::${account}:role/team/reader`,
  roleName: 'reader',
  roleId: 'AROAREADER',
  sessionName: 'once',
  session: facts,
};
const federated: Bearer = { kind: 'federated', account, arn: 'arn:f', name: 'f', userName: 'alice', session: facts };
const inEnvironment = functionBearer({
  account,
  functionArn: functionArn('us-east-1', account, 'resize'),
  functionName: 'resize',
  environmentId,
});

async function rig() {
  const clock = new FakeClock();
  const { records } = openMemoryStore({ clock });
  const identities = await Identities.open({ records, sealer, clock, report: () => assert.fail('nothing goes wrong') });
  await identities.change(account, (draft) => {
    draft.put('user', alice);
    draft.put('role', reader);
    draft.put('access-key', key);
  });
  const signerOf = createSigners({ administrator, account, sessions, identities });
  const ask = (accessKeyId: string, sessionToken?: string, environment?: EnvironmentId) =>
    signerOf({ accessKeyId, sessionToken, environmentId: environment, nowMs: clock.now() });
  const asked = (bearer: Bearer, environment?: EnvironmentId) => {
    const session = sessions.issue(bearer, clock.now() + 60_000);
    return ask(session.accessKeyId, session.sessionToken, environment);
  };
  return { clock, identities, ask, asked };
}

function reasonOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof PlatformError);
    return error.reason;
  }
  return assert.fail('it was believed');
}

test('a user’s key is his until it is made inactive, deleted, or he is', async () => {
  const { identities, ask } = await rig();
  assert.deepEqual(ask(keyId), {
    principal: {
      kind: 'user',
      account,
      arn: `arn:aws:iam::${account}:user/team/alice`,
      accessKeyId: keyId,
      userName: 'alice',
      userId: 'AIDAALICE',
    },
    secretAccessKey: 'of alice',
  });
  assert.equal(
    reasonOf(() => ask(keyId, 'a token')),
    'InvalidToken',
  );
  assert.equal(
    reasonOf(() => ask('AKIANOBODY')),
    'InvalidAccessKeyId',
  );
  await identities.change(account, (draft) => draft.put('access-key', { ...key, isActive: false }));
  assert.equal(
    reasonOf(() => ask(keyId)),
    'InvalidAccessKeyId',
  );
  await identities.change(account, (draft) => {
    draft.put('access-key', key);
    draft.delete('user', 'alice');
  });
  assert.equal(
    reasonOf(() => ask(keyId)),
    'InvalidAccessKeyId',
  );
});

test('a session is of whom it was given to, with what it was given', async () => {
  const { asked } = await rig();
  for (const bearer of [user, role, federated, rootOf(account)]) {
    const { principal } = asked(bearer);
    assert.partialDeepStrictEqual(principal, bearer);
    // And until when, which whatever he is given for it must not outlive.
    const endsMs = 'session' in principal ? principal.session?.expiresMs : undefined;
    assert.equal(typeof endsMs, 'session' in bearer ? 'number' : 'undefined');
  }
  const large = { ...role, session: { ...facts, policies: [`{"Statement":"${'x'.repeat(2_000)}"}`] } };
  assert.partialDeepStrictEqual(asked(large).principal, large);
});

test('a session ends with its user or role, and another of that name has not inherited it', async () => {
  const { identities, asked } = await rig();
  await identities.change(account, (draft) => {
    draft.put('user', { ...alice, id: 'AIDAANOTHER' });
    draft.put('role', { ...reader, id: 'AROAANOTHER' });
  });
  for (const bearer of [user, role])
    assert.equal(
      reasonOf(() => asked(bearer)),
      'InvalidToken',
    );
  await identities.change(account, (draft) => {
    draft.delete('user', 'alice');
    draft.delete('role', 'reader');
  });
  for (const bearer of [user, role, federated])
    assert.equal(
      reasonOf(() => asked(bearer)),
      'InvalidToken',
    );
  asked({ ...federated, userName: undefined });
});

test('a token is of its own access key, for its own time', async () => {
  const { clock, ask } = await rig();
  const session = sessions.issue(role, clock.now() + 60_000);
  const other = sessions.issue(role, clock.now() + 60_000);
  ask(session.accessKeyId, session.sessionToken);
  for (const [accessKeyId, token] of [
    [session.accessKeyId, other.sessionToken],
    [keyId, session.sessionToken],
    [administrator.accessKeyId, session.sessionToken],
    [session.accessKeyId, session.sessionToken.slice(0, -4)],
    [session.accessKeyId, 'A'.repeat(100_000)],
  ] as const)
    assert.equal(
      reasonOf(() => ask(accessKeyId, token)),
      'InvalidToken',
    );
  assert.equal(
    reasonOf(() => ask(session.accessKeyId)),
    'InvalidAccessKeyId',
  );
  await clock.advance(60_000);
  assert.equal(
    reasonOf(() => ask(session.accessKeyId, session.sessionToken)),
    'ExpiredToken',
  );
});

test('a function’s session is good in its own environment alone', async () => {
  const { asked } = await rig();
  assert.equal(asked(inEnvironment, environmentId).principal.kind, 'function');
  for (const environment of [undefined, 'environment-2' as EnvironmentId])
    assert.equal(
      reasonOf(() => asked(inEnvironment, environment)),
      'AccessDenied',
    );
});
