import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePolicyDocument } from '../../identity/policy-document.ts';
import { createStandings } from '../../identity/standing.ts';
import type { Binding, BindingSource } from '../../registry/binding.ts';
import { exampleSettings } from '../../registry/example-settings.ts';
import { noExtras, type FunctionRecord, type FunctionSettings } from '../../registry/function.ts';
import { Identities } from '../../resources/iam/identities.ts';
import { UsedPermissions } from '../../resources/used-permissions.ts';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import { randomIds, type AccountId, type FunctionArn, type VersionId } from '../../util/ids.ts';
import { createSealer } from '../../util/sealer.ts';
import type { ReviewParts } from '../review/review-parts.ts';
import type { Finding } from './finding.ts';
import { reviewAccount } from './review-account.ts';

const account = '000000000000' as AccountId;
const dayMs = 24 * 60 * 60 * 1000;
const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
const forLambda = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
const documentOf = (...statements: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const roleOf = (name: string): string => `arn:aws:iam::${account}:role/${name}`;
const functionOf = (name: string): FunctionArn => `arn:aws:lambda:us-east-1:${account}:function:${name}` as FunctionArn;

function record(name: string, settings: Partial<FunctionSettings> = {}, extras = {}): FunctionRecord {
  const arn = functionOf(name);
  const version = {
    account,
    name,
    arn,
    version: '$LATEST' as VersionId,
    settingsHash: '',
    createdMs: 0,
    revisionId: 'r',
    settings: exampleSettings(settings),
  };
  return {
    account,
    name,
    arn,
    createdMs: 0,
    latest: version,
    versionLast: 0,
    aliases: {},
    revisionId: 'r',
    modifiedMs: 0,
    extras: { ...noExtras, ...extras },
  };
}

const bound = (functionName: string, source: BindingSource): Binding => ({
  id: functionName,
  account,
  functionName,
  qualifier: 'live',
  createdMs: 0,
  source,
});

type Planted = {
  functions?: FunctionRecord[];
  bindings?: Binding[];
  roles?: Record<string, { policy?: string; trust: string }>;
  users?: Record<string, string>;
  keyed?: string[];
  resources?: Record<string, string>;
};

async function review({ functions = [], bindings = [], roles = {}, users = {}, keyed = [], resources = {} }: Planted) {
  const clock = new FakeClock(0);
  const { records } = openMemoryStore({ clock });
  const report = (message: string): void => assert.fail(message);
  const sealer = createSealer([Buffer.alloc(32)], randomIds);
  const identities = await Identities.open({ records, sealer, clock, report });
  const entity = (name: string) => ({
    account,
    name,
    path: '/',
    id: `ID${name}`,
    createdMs: 0,
    tags: {},
    attached: [],
  });
  await identities.change(account, (draft) => {
    for (const [name, { policy, trust }] of Object.entries(roles))
      draft.put('role', {
        ...entity(name),
        inline: policy === undefined ? {} : { own: policy },
        trust,
        sessionSecondsMax: 3_600,
      });
    for (const [name, policy] of Object.entries(users))
      draft.put('user', { ...entity(name), inline: { own: policy }, groups: [] });
    for (const userName of keyed)
      draft.put('access-key', {
        account,
        name: `AKIA${userName}`,
        userName,
        sealedSecret: '',
        isActive: true,
        createdMs: 0,
      });
  });
  const used = await UsedPermissions.open({ records, clock, report });
  const parts: ReviewParts = {
    identities,
    registry: { list: () => functions, get: (_, name) => functions.find((one) => one.name === name) },
    used,
    standingOf: createStandings({
      identities,
      grantsOf: ({ functionName }) => functions.find(({ name }) => name === functionName)?.latest.settings,
    }),
    liveOf: ({ latest }) => latest,
    sideOf(_who, { action, resource }) {
      const role = action.startsWith('sts:') ? identities.roleByArn(resource) : undefined;
      if (role !== undefined) return { account, isRequired: true, document: parsePolicyDocument(role.trust, 'trust') };
      const policy = resources[resource];
      return policy === undefined ? undefined : { account, document: parsePolicyDocument(policy) };
    },
    resources: async () => Object.keys(resources),
    clock,
  };
  return { parts, used, clock, ...(await reviewAccount(parts, account, bindings)), bindings };
}

const told = (findings: readonly Finding[]): string[] =>
  findings.map(({ severity, kind, subject }) => `${severity} ${kind} ${subject}`);

test('an account in which nobody may more than he needs has no findings', async () => {
  const permissions = [
    { effect: 'allow', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::pics/*'] },
    { effect: 'deny', actions: ['*'], resources: ['*'] },
  ] as const;
  const { findings, graph } = await review({
    functions: [record('thumbs', { permissions })],
    bindings: [bound('thumbs', { kind: 'http', method: 'GET', path: '/thumbs' })],
    users: { ada: documentOf({ Effect: 'Allow', Action: ['s3:ListAllMyBuckets', 'kms:ListKeys'], Resource: '*' }) },
    roles: { other: { trust: documentOf(forLambda) } },
  });
  assert.deepEqual(findings, []);
  assert.deepEqual(graph.edges, [{ from: 'everybody', to: 'function/thumbs', by: 'GET /thumbs' }]);
});

test('wildcards are told by how much they allow, and a condition or a denial is none', async () => {
  const { findings } = await review({
    functions: [
      record('all', { permissions: [{ effect: 'allow', actions: ['*'], resources: ['*'] }] }),
      record('service', { permissions: [{ effect: 'allow', actions: ['s3:*'], resources: ['*'] }] }),
      record('bucket', { permissions: [{ effect: 'allow', actions: ['s3:*'], resources: ['arn:aws:s3:::pics/*'] }] }),
      record('passes', { permissions: [{ effect: 'allow', actions: ['iam:PassRole'], resources: ['*'] }] }),
      record('any', { permissions: [{ effect: 'allow', actions: ['sqs:SendMessage'], resources: ['*'] }] }),
    ],
    users: {
      bob: documentOf({ Effect: 'Allow', NotAction: 'iam:*', Resource: 'arn:aws:s3:::pics' }),
      eve: documentOf({ ...everything, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }),
    },
  });
  assert.deepEqual(told(findings), [
    'critical allows-everything function/all',
    'high all-but-some-actions user/bob',
    'high passes-any-role function/passes',
    'high whole-service-everywhere function/service',
    'medium any-resource function/any',
    'low whole-service function/bucket',
  ]);
});

test('the way from a public route over another function and a role to everything is found, step by step', async () => {
  const { findings, graph } = await review({
    functions: [
      record('front', {
        permissions: [{ effect: 'allow', actions: ['lambda:UpdateFunctionCode'], resources: [functionOf('back')] }],
      }),
      record('back', { role: roleOf('worker') }),
      record('apart'),
    ],
    bindings: [
      bound('front', { kind: 'http', method: 'POST', path: '/orders' }),
      bound('apart', { kind: 'http', method: 'GET', path: '/' }),
    ],
    roles: {
      worker: {
        policy: documentOf({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: roleOf('boss') }),
        trust: documentOf(forLambda),
      },
      boss: {
        policy: documentOf(everything),
        trust: documentOf({ Effect: 'Allow', Principal: { AWS: roleOf('worker') }, Action: 'sts:AssumeRole' }),
      },
    },
  });
  const found = findings.find(({ kind }) => kind === 'public-to-administrator');
  assert.deepEqual(found?.path, [
    'everybody',
    'POST /orders',
    'function/front',
    'lambda:UpdateFunctionCode',
    'function/back',
    // With the role worker, which is its own.
    'sts:AssumeRole',
    'role/boss',
    'may do everything',
    'administrator',
  ]);
  assert.deepEqual(told(findings), [
    'critical allows-everything role/boss',
    'critical public-to-administrator function/front',
    'high escalation function/back',
    'high escalation function/front',
    'high escalation role/worker',
  ]);
  assert.ok(graph.edges.every(({ from }) => from !== 'function/apart'));
});

test('each known way to more than one has is an edge; without one of its permissions it is none', async () => {
  const on = (resource: string, ...Action: string[]): string =>
    documentOf({ Effect: 'Allow', Action, Resource: resource });
  const roles = { strong: { policy: documentOf(everything), trust: documentOf(forLambda) } };
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['passes and creates', on('*', 'iam:PassRole', 'lambda:CreateFunction'), 'iam:PassRole and lambda:CreateFunction'],
    ['passes alone', on('*', 'iam:PassRole'), undefined],
    ['passes what does not trust', on('*', 'iam:PassRole', 'scheduler:CreateSchedule'), undefined],
    ['changes a trust', on(roleOf('strong'), 'iam:UpdateAssumeRolePolicy'), 'iam:UpdateAssumeRolePolicy'],
    ['changes another trust', on(roleOf('other'), 'iam:UpdateAssumeRolePolicy'), undefined],
    ['his own policies', on(`arn:aws:iam::${account}:user/*`, 'iam:PutUserPolicy'), 'iam:PutUserPolicy on'],
    ['deploys', on('*', 'mayfly:Deploy'), 'mayfly:Deploy on *'],
    ['assumes, untrusted', on('*', 'sts:AssumeRole'), undefined],
  ];
  for (const [name, policy, by] of cases) {
    const { graph } = await review({ roles, users: { ada: policy } });
    const found = graph.edges.filter(({ from }) => from === 'user/ada').map((edge) => edge.by);
    if (by === undefined) assert.deepEqual(found, [], name);
    else
      assert.ok(
        found.some((one) => one.startsWith(by)),
        `${name}: ${found.join(', ')}`,
      );
  }
});

test('open doors are told: URLs without authorisation, policies and trust for everybody', async () => {
  const url = { urlId: 'u', auth: 'none', streams: false, createdMs: 0, modifiedMs: 0 };
  const queue = `arn:aws:sqs:us-east-1:${account}:jobs`;
  const anybody = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: queue };
  const narrow = {
    ...anybody,
    Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:us-east-1:000000000000:news' } },
  };
  const { findings, graph } = await review({
    functions: [
      record('open', {}, { urls: { live: url } }),
      record('shut', {}, { urls: { live: { ...url, auth: 'iam' } } }),
    ],
    roles: { all: { trust: documentOf({ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }) } },
    resources: {
      [queue]: documentOf(anybody),
      [`${queue}-2`]: documentOf(narrow),
      [functionOf('open')]: documentOf({
        ...anybody,
        Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } },
      }),
    },
  });
  assert.deepEqual(told(findings), [
    `critical role-for-everybody ${roleOf('all')}`,
    `high open-policy ${queue}`,
    'medium becomes-another function/open',
    'medium becomes-another function/shut',
    'medium open-url function/open',
  ]);
  assert.deepEqual(
    graph.edges.filter(({ from }) => from === 'everybody').map(({ to, by }) => [to, by]),
    [
      ['function/open', 'its URL'],
      ['role/all', 'its trust policy'],
    ],
  );
});

test('a key in a variable is told without being repeated', async () => {
  const key = `ghp_${'k9Xw2QzLr7TbVn4Mc8JdHs6Yf3Pg5Ra1Ue0B'}`;
  const { findings } = await review({ functions: [record('a', { environment: { TOKEN: key, NAME: 'x' } })] });
  assert.deepEqual(told(findings), ['high secret-in-variable function/a']);
  assert.ok(!JSON.stringify(findings).includes(key));
});

test('permissions and keys that nobody has used for long are told, and not those that somebody has', async () => {
  const permissions = [
    { effect: 'allow', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::pics/*'] },
    { effect: 'allow', actions: ['sqs:SendMessage'], resources: [`arn:aws:sqs:us-east-1:${account}:jobs`] },
  ] as const;
  const { parts, used, clock, bindings } = await review({
    functions: [record('a', { permissions })],
    users: { ada: documentOf({ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }) },
    keyed: ['ada'],
  });
  await clock.advance(100 * dayMs);
  used.note(account, 'function/a', 's3:GetObject', 'arn:aws:s3:::pics/a');
  const { findings } = await reviewAccount(parts, account, bindings);
  assert.deepEqual(
    findings.map(({ kind, problem }) => `${kind}: ${problem}`),
    [
      'unused-key: the access key AKIAada was never used',
      'unused-permission: statement 2 of permissions (inline, manifest) was not used for 90 days',
    ],
  );
});
