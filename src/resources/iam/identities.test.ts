import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import { randomIds, type AccountId } from '../../util/ids.ts';
import { createSealer } from '../../util/sealer.ts';
import { accessKeyPurpose, policyArn, type ManagedPolicy, type Role, type User } from './iam-entities.ts';
import { Identities } from './identities.ts';

const account = '000000000000' as AccountId;
const sealer = createSealer([Buffer.alloc(32, 7)], randomIds);

function rig() {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const open = () =>
    Identities.open({ records: store.records, sealer, clock, report: (_what, cause) => assert.fail(String(cause)) });
  return { clock, open };
}

const named = (name: string) => ({ account, name, path: '/', id: `ID-${name}`, createdMs: 1 });
const user = (name: string): User => ({ ...named(name), inline: {}, attached: [], tags: {}, groups: [] });
const role = (name: string): Role => ({
  ...named(name),
  path: '/app/',
  inline: {},
  attached: [],
  tags: {},
  trust: '{}',
  sessionSecondsMax: 3_600,
});

test('what a change says is there for who opens the identities again, under any spelling of its name', async () => {
  const { open } = rig();
  const first = await open();
  await first.change(account, (draft) => {
    draft.put('user', user('Alice'));
    draft.put('user', user('bob'));
    assert.equal(draft.get('user', 'ALICE')?.name, 'Alice');
    assert.deepEqual(
      draft.list('user').map(({ name }) => name),
      ['Alice', 'bob'],
    );
    draft.delete('user', 'Bob');
    assert.deepEqual(
      draft.list('user').map(({ name }) => name),
      ['Alice'],
    );
  });
  for (const identities of [first, await open()]) {
    assert.deepEqual(
      identities
        .of(account)
        .list('user')
        .map(({ name }) => name),
      ['Alice'],
    );
    assert.equal(identities.of('111111111111' as AccountId).get('user', 'alice'), undefined);
  }
});

test('a change that throws changes nothing', async () => {
  const { open } = rig();
  const identities = await open();
  const before = identities.revision;
  await assert.rejects(
    identities.change(account, (draft) => {
      draft.put('user', user('alice'));
      throw new Error('no');
    }),
  );
  assert.equal(identities.of(account).get('user', 'alice'), undefined);
  assert.equal(identities.revision, before);
});

test('a role and a policy are found by the ARN that they have, path included, and by no other', async () => {
  const identities = await rig().open();
  const policy: ManagedPolicy = {
    ...named('reads'),
    modifiedMs: 1,
    versions: [{ id: 'v1', text: '{}', createdMs: 1 }],
    defaultVersion: 'v1',
    versionLast: 1,
    tags: {},
  };
  await identities.change(account, (draft) => {
    draft.put('role', role('worker'));
    draft.put('policy', policy);
  });
  assert.equal(identities.roleByArn(`arn:aws:iam::${account}:role/app/worker`)?.name, 'worker');
  assert.equal(identities.roleByArn(`arn:aws:iam::${account}:role/worker`), undefined);
  assert.equal(identities.policyByArn(policyArn(policy)), policy);
  assert.equal(identities.policyByArn(`arn:aws:iam::${account}:policy/x/reads`), undefined);
  assert.match(
    identities.policyByArn('arn:aws:iam::aws:policy/AdministratorAccess')?.versions[0]?.text ?? '',
    /"Action": "\*"/,
  );
});

test('a key is found in whatever account it is, its secret opened, and its uses kept without a write for each', async () => {
  const { clock, open } = rig();
  const identities = await open();
  const name = 'AKIAAAAAAAAAAAAAAAAA';
  const sealedSecret = sealer.seal('planted', accessKeyPurpose(name));
  await identities.change(account, (draft) =>
    draft.put('access-key', { account, name, userName: 'alice', sealedSecret, isActive: true, createdMs: 1 }),
  );
  const key = identities.accessKey(name);
  assert.ok(key);
  assert.equal(identities.secretOf(key), 'planted');
  for (const service of ['s3', 'sqs']) identities.noteUse({ account, name, service, region: 'us-east-1' });
  assert.equal(identities.lastUse(account, name)?.service, 'sqs');
  assert.equal((await open()).lastUse(account, name), undefined);
  await clock.advance(60_000);
  assert.equal((await open()).lastUse(account, name)?.service, 'sqs');
  await identities.change(account, (draft) => draft.delete('access-key', name));
  assert.equal(identities.accessKey(name), undefined);
});
