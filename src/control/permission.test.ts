import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Principal } from '../identity/principal.ts';
import { createStandings } from '../identity/standing.ts';
import type { User } from '../resources/iam/iam-entities.ts';
import { Identities } from '../resources/iam/identities.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { PlatformError } from '../util/errors.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId, type EnvironmentId, type FunctionArn } from '../util/ids.ts';
import { createSealer } from '../util/sealer.ts';
import { endpoints } from './endpoints.ts';
import { requireAction, requireSomebody } from './permission.ts';

const operator = '000000000000' as AccountId;
const tenant = '111111111111' as AccountId;

/** What each role may, action by action: written down here once more, so that a change of either is a decision. */
const looking = [
  'GetHealth',
  'GetPlatform',
  'GetBundle',
  'GetFunction',
  'GetLogs',
  'GetDelivery',
  'GetDeadLetter',
  'GetInvocation',

  'GetColdStarts',
  'GetAuditLog',
  'GetBill',
  'GetUsage',
  'GetMail',
  'GetDecision',
  'GetUsedPermissions',
  'GetFindings',
  'GetSbom',
  'GetAdvisories',
  'GetSigners',

  'ListDeployments',
  'ListFunctions',
  'ListDeadLetters',
  'ListDeliveries',
  'ListDeadLetterPlaces',
  'ListInvocations',
  'ListEnvironments',
  'ListBuckets',
  'ListQueues',
  'ListTopics',
  'ListBuses',
  'ListTables',
  'ListMails',
  'ListSchedules',
];
const deploying = ['PutBundle', 'Deploy', 'Rollback', 'Invoke', 'SendMessage', 'RedriveDeadLetters'];
const administering = ['DeleteDeployment', 'DeleteFunction', 'PurgeDeadLetters', 'CreateConsoleToken', 'PutSigners'];
const operatorsLooking = ['GetKeys', 'GetDoctor', 'GetMetrics', 'ListAccounts', 'GetAccount'];
const operatorsActing = [
  'RotateKeys',
  'Reset',
  'CreateAccount',
  'UpdateAccount',
  'DeleteAccount',
  'CreateAccountKey',
  'UpdateAdvisories',
];

const roles: readonly { role: string; account: AccountId; policies: readonly string[]; may: readonly string[] }[] = [
  { role: 'nobody', account: operator, policies: [], may: [] },
  { role: 'viewer', account: tenant, policies: ['mayfly/MayflyViewer'], may: looking },
  { role: 'deployer', account: tenant, policies: ['mayfly/MayflyDeployer'], may: [...looking, ...deploying] },
  {
    role: 'administrator',
    account: tenant,
    policies: ['mayfly/MayflyAdministrator'],
    may: [...looking, ...deploying, ...administering],
  },
  {
    role: 'administrator of everything in the account',
    account: tenant,
    policies: ['AdministratorAccess'],
    may: [...looking, ...deploying, ...administering],
  },
  {
    role: "viewer in the operator's account",
    account: operator,
    policies: ['mayfly/MayflyViewer'],
    may: [...looking, ...operatorsLooking],
  },
  {
    role: 'operator',
    account: operator,
    policies: ['mayfly/MayflyAdministrator'],
    may: [...looking, ...deploying, ...administering, ...operatorsLooking, ...operatorsActing],
  },
];

async function rig() {
  const clock = new FakeClock();
  const { records } = openMemoryStore({ clock });
  const sealer = createSealer([Buffer.alloc(32, 7)], randomIds);
  const identities = await Identities.open({ records, sealer, clock, report: (message) => assert.fail(message) });
  const standingOf = createStandings({ identities, grantsOf: () => undefined });
  return { identities, standingOf };
}

for (const { role, account, policies, may } of roles) {
  test(`${role}: what he may of every action, and nothing else`, async () => {
    const { identities, standingOf } = await rig();
    const user: User = {
      account,
      name: 'ada',
      path: '/',
      id: 'AIDA1',
      createdMs: 0,
      inline: {},
      attached: policies.map((name) => `arn:aws:iam::aws:policy/${name}`),
      tags: {},
      groups: [],
    };
    await identities.change(account, (draft) => draft.put('user', user));
    const principal: Principal = {
      kind: 'user',
      account,
      arn: `arn:aws:iam::${account}:user/ada`,
      accessKeyId: 'AKIA',
      userName: 'ada',
      userId: 'AIDA1',
    };
    const allowed = endpoints.filter(([, , , action, of]) => {
      try {
        requireAction({ action, isOperators: of === 'operator' }, standingOf(principal), '127.0.0.1', operator);
        return true;
      } catch (error) {
        assert.ok(error instanceof PlatformError && error.code === 'permission_denied');
        return false;
      }
    });
    assert.deepEqual(new Set(allowed.map(([, , , action]) => action)), new Set(may));
  });
}

test('no action is without its place in the roles, nor without a line of its own in the reference', () => {
  const known = new Set([...looking, ...deploying, ...administering, ...operatorsLooking, ...operatorsActing]);
  const actions = new Set(endpoints.map(([, , , action]) => action));
  assert.deepEqual(actions, known);
  const reference = readFileSync(path.join(import.meta.dirname, '../../docs/reference/control-api.md'), 'utf8');
  for (const action of actions)
    assert.ok(reference.includes(`\`${action}\``), `control-api.md says nothing of ${action}`);
});

test('functions and strangers are nobody here, whatever policies say', () => {
  const caller: Principal = {
    kind: 'function',
    account: operator,
    arn: 'arn',
    accessKeyId: 'ASIA',
    functionArn: 'arn' as FunctionArn,
    functionName: 'hello',
    environmentId: 'e' as EnvironmentId,
  };
  assert.throws(() => requireSomebody(caller), /function 'hello' may not use the admin API/);
  const stranger: Principal = { kind: 'anonymous', account: operator, arn: '', accessKeyId: '' };
  assert.throws(() => requireSomebody(stranger), /needs a signature/);
});
