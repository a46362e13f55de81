import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AccountId, EnvironmentId, FunctionArn } from '../util/ids.ts';
import { askerKeys } from './asker-keys.ts';
import type { ConditionContext } from './condition-keys.ts';
import { evaluate, type Policies, type ResourceSide } from './evaluate.ts';
import { parsePolicyDocument, type PolicyKind } from './policy-document.ts';
import type { Asker } from './principal-element.ts';
import type { Principal, SessionFacts } from './principal.ts';

const account = '111122223333' as AccountId;
const other = '999999999999' as AccountId;
const bucket = 'arn:aws:s3:::amzn-s3-demo-bucket';

type Written = Readonly<Record<string, unknown>>;

const document = (kind: PolicyKind, ...statements: Written[]) =>
  parsePolicyDocument(JSON.stringify({ Version: '2012-10-17', Statement: statements }), kind);
const own = (...statements: Written[]) => document('identity', ...statements);
const ofResource = (...statements: Written[]): ResourceSide => ({
  account,
  document: document('resource', ...statements),
});
const allow = (Action: string | string[], Resource: string | string[] = '*', more: Written = {}): Written => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (Action: string | string[], Resource: string | string[] = '*', more: Written = {}): Written => ({
  ...allow(Action, Resource, more),
  Effect: 'Deny',
});

const user = (userName: string, of = account): Asker => ({
  kind: 'principal',
  principal: {
    kind: 'user',
    account: of,
    arn: `arn:aws:iam::${of}:user/${userName}`,
    accessKeyId: 'AKIA',
    userName,
    userId: `AIDA${userName}`,
  },
});
const facts: SessionFacts = { issuedMs: 0, policies: [], policyArns: [], tags: {}, transitiveTagKeys: [] };
const session: Asker = {
  kind: 'principal',
  principal: {
    kind: 'role',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/worker/one`,
    accessKeyId: 'ASIA',
    roleArn: `arn:aws:iam::${account}:role/worker`,
    roleName: 'worker',
    roleId: 'AROA1',
    sessionName: 'one',
    session: facts,
  },
};

function said(
  asker: Asker,
  [action, resource]: readonly [action: string, resource: string],
  policies: Policies,
  side: ResourceSide = {},
  context: ConditionContext = {},
): string {
  const verdict = evaluate({ action, resource, asker, keys: askerKeys(asker, context) }, policies, side);
  return verdict.decision === 'allowed'
    ? 'allowed'
    : verdict.decision === 'denied'
      ? `denied by ${verdict.by}`
      : `no ${verdict.lacking}`;
}

const get = ['s3:GetObject', `${bucket}/a`] as const;

test('nothing allows nothing, and a denial anywhere wins over everything', () => {
  const all = own(allow('*'));
  const never = own(deny('s3:*'));
  const open = ofResource(allow('s3:*', '*', { Principal: '*' }));
  assert.equal(said(user('u'), get, { identity: [] }), 'no identity');
  assert.equal(said(user('u'), get, { identity: [all] }), 'allowed');
  assert.equal(said(user('u'), get, { identity: [all, never] }, open), 'denied by identity');
  assert.equal(said(user('u'), get, { identity: [all], boundary: never }, open), 'denied by boundary');
  assert.equal(said(session, get, { identity: [all], session: [all, never] }, open), 'denied by session');
  assert.equal(
    said(user('u'), get, { identity: [all], organisation: [[all], [never]] }, open),
    'denied by organisation',
  );
  const shut = ofResource(deny('s3:GetObject', '*', { Principal: '*' }), allow('s3:*', '*', { Principal: '*' }));
  assert.equal(said(user('u'), get, { identity: [all] }, shut), 'denied by resource');
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html: Shirley
test('a boundary allows nothing, and what it leaves out nothing of his own allows', () => {
  const shirley = user('ShirleyRodriguez');
  const boundary = own(allow(['s3:*', 'cloudwatch:*', 'ec2:*']));
  const makesUsers = own(allow('iam:CreateUser'));
  const asked = ['iam:CreateUser', `arn:aws:iam::${account}:user/x`] as const;
  assert.equal(said(shirley, asked, { identity: [makesUsers], boundary }), 'no boundary');
  assert.equal(said(shirley, get, { identity: [], boundary }), 'no identity');
  assert.equal(said(shirley, get, { identity: [own(allow('s3:*'))], boundary }), 'allowed');
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
test('within an account, the policies of a user or that of the resource are enough', () => {
  const carlos = user('carlossalazar');
  const lists = own({ ...allow('s3:ListBucket', bucket) }, { ...allow('s3:*', `${bucket}/carlossalazar/*`) });
  const private_ = ['s3:GetObject', `${bucket}/carlossalazar/x`] as const;
  assert.equal(said(carlos, private_, { identity: [lists] }), 'allowed');
  assert.equal(said(carlos, ['s3:GetObject', `${bucket}/other/x`], { identity: [lists] }), 'no identity');
  const names = (principal: string) =>
    ofResource(allow('s3:GetObject', `${bucket}/*`, { Principal: { AWS: principal } }));
  const byUser = names(`arn:aws:iam::${account}:user/carlossalazar`);
  assert.equal(said(carlos, get, { identity: [] }, byUser), 'allowed');
  assert.equal(said(carlos, get, { identity: [], boundary: own(allow('ec2:*')) }, byUser), 'allowed');
  assert.equal(said(user('else'), get, { identity: [] }, byUser), 'no identity');
  assert.equal(said(carlos, get, { identity: [] }, names(account)), 'no identity', 'the account decides for itself');
});

test('what names a role is bound by its boundary and its sessions, what names a session is not', () => {
  const names = (principal: string | { AWS: string }) =>
    ofResource(allow('s3:GetObject', `${bucket}/*`, { Principal: principal }));
  const role = names({ AWS: `arn:aws:iam::${account}:role/worker` });
  const one = names({ AWS: `arn:aws:sts::${account}:assumed-role/worker/one` });
  const nothing = own(allow('ec2:*'));
  assert.equal(said(session, get, { identity: [] }, role), 'allowed');
  assert.equal(said(session, get, { identity: [], boundary: nothing }, role), 'no boundary');
  assert.equal(said(session, get, { identity: [], session: [nothing] }, role), 'no session');
  assert.equal(said(session, get, { identity: [], session: [] }, names('*')), 'no session');
  assert.equal(said(session, get, { identity: [], boundary: nothing, session: [nothing] }, one), 'allowed');
  assert.equal(said(session, get, { identity: [own(allow('s3:*'))], session: [nothing] }), 'no session');
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
test('from another account, both sides have to allow it', () => {
  const guest = user('guest', other);
  const mine = own(allow('s3:GetObject'));
  for (const principal of [other, `arn:aws:iam::${other}:root`, `arn:aws:iam::${other}:user/guest`, '*']) {
    const side = ofResource(allow('s3:GetObject', `${bucket}/*`, { Principal: { AWS: principal } }));
    assert.equal(said(guest, get, { identity: [mine] }, side), 'allowed', principal);
    assert.equal(said(guest, get, { identity: [] }, side), 'no identity');
    assert.equal(said(guest, get, { identity: [mine], boundary: own(allow('ec2:*')) }, side), 'no boundary');
  }
  assert.equal(said(guest, get, { identity: [mine] }, { account }), 'no resource');
  const elsewhere = ofResource(allow('s3:*', '*', { Principal: { AWS: account } }));
  assert.equal(said(guest, get, { identity: [mine] }, elsewhere), 'no resource');
});

test('an account’s limits hold at every level, for whoever it is, and grant nothing', () => {
  const all = own(allow('*'));
  const noQueues = own({ Effect: 'Allow', NotAction: 'sqs:*', Resource: '*' });
  const send = ['sqs:SendMessage', 'arn:aws:sqs:us-east-1:111122223333:q'] as const;
  const open = ofResource(allow('*', '*', { Principal: '*' }));
  assert.equal(said(user('u'), send, { identity: [all], organisation: [[all], [noQueues]] }, open), 'no organisation');
  assert.equal(
    said(user('u'), get, { identity: [all], organisation: [[all], [noQueues, own(deny('ec2:*'))]] }),
    'allowed',
  );
  assert.equal(said(user('u'), get, { identity: [], organisation: [[all]] }), 'no identity');
});

test('nobody uses a key or a role whose policy leaves him out, and a policy that names the account leaves it to him', () => {
  const use = ['kms:Decrypt', 'arn:aws:kms:us-east-1:111122223333:key/1'] as const;
  const mine = own(allow('kms:*'));
  const root = `arn:aws:iam::${account}:root`;
  const byAccount = { ...ofResource(allow('kms:*', '*', { Principal: { AWS: root } })), isRequired: true };
  const nobody = { ...ofResource(allow('kms:*', '*', { Principal: { AWS: other } })), isRequired: true };
  assert.equal(said(user('u'), use, { identity: [mine] }, byAccount), 'allowed');
  assert.equal(said(user('u'), use, { identity: [] }, byAccount), 'no identity');
  assert.equal(said(user('u'), use, { identity: [mine] }, nobody), 'no resource');
  assert.equal(said(user('u'), use, { identity: [] }, { ...nobody, isGranted: true }), 'allowed');
  assert.equal(
    said(user('u'), use, { identity: [], organisation: [[]] }, { ...nobody, isGranted: true }),
    'no organisation',
  );
  assert.equal(
    said(user('u'), use, { identity: [own(deny('kms:*'))] }, { ...nobody, isGranted: true }),
    'denied by identity',
  );
});

test('an account takes back what its resource’s policy has shut, and nobody else does', () => {
  const set = ['sqs:SetQueueAttributes', 'arn:aws:sqs:us-east-1:111122223333:q'] as const;
  const shut = {
    ...ofResource(deny('*', '*', { Principal: '*' })),
    keptByAccount: new Set(['sqs:setqueueattributes']),
  };
  const root = (of: AccountId): Asker => ({
    kind: 'principal',
    principal: { kind: 'administrator', account: of, arn: `arn:aws:iam::${of}:root`, accessKeyId: 'AKIA' },
  });
  const all = { identity: [own(allow('*'))] };
  assert.equal(said(root(account), set, all, shut), 'allowed');
  assert.equal(said(root(other), set, all, shut), 'denied by resource');
  assert.equal(said(root(account), ['sqs:SendMessage', set[1]], all, shut), 'denied by resource');
  assert.equal(said(user('u'), set, all, shut), 'denied by resource');
});

test('the nameless and services have what a resource gives them', () => {
  const nameless: Asker = {
    kind: 'principal',
    principal: { kind: 'anonymous', account, arn: '*', accessKeyId: '' },
  };
  assert.equal(said(nameless, get, { identity: [own(allow('*'))] }), 'no resource');
  assert.equal(said(nameless, get, { identity: [] }, ofResource(allow('s3:*', '*', { Principal: '*' }))), 'allowed');
  assert.equal(
    said(nameless, get, { identity: [] }, ofResource(allow('s3:*', '*', { Principal: { AWS: account } }))),
    'no resource',
  );
  const logs: Asker = {
    kind: 'service',
    service: 'logging.s3.amazonaws.com',
    sourceArn: bucket,
    sourceAccount: account,
  };
  const lets = ofResource(
    allow('s3:GetObject', '*', {
      Principal: { Service: 'logging.s3.amazonaws.com' },
      Condition: { ArnLike: { 'aws:SourceArn': bucket }, StringEquals: { 'aws:SourceAccount': account } },
    }),
  );
  assert.equal(said(logs, get, { identity: [] }, lets), 'allowed');
  assert.equal(said({ ...logs, sourceArn: 'arn:aws:s3:::x' }, get, { identity: [] }, lets), 'no resource');
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
test('a home folder for each user, by his name', () => {
  const homes = own(
    allow('s3:ListBucket', bucket, { Condition: { StringLike: { 's3:prefix': ['${aws:username}/*'] } } }),
    allow(['s3:GetObject', 's3:PutObject'], `${bucket}/\${aws:username}/*`),
  );
  const alice = user('alice');
  assert.equal(said(alice, ['s3:PutObject', `${bucket}/alice/x`], { identity: [homes] }), 'allowed');
  assert.equal(said(alice, ['s3:PutObject', `${bucket}/bob/x`], { identity: [homes] }), 'no identity');
  const list = ['s3:ListBucket', bucket] as const;
  assert.equal(said(alice, list, { identity: [homes] }, {}, { 's3:prefix': 'alice/x' }), 'allowed');
  assert.equal(said(alice, list, { identity: [homes] }, {}, { 's3:prefix': 'bob/' }), 'no identity');
  assert.equal(
    said(session, ['s3:PutObject', `${bucket}//x`], { identity: [homes] }),
    'no identity',
    'no user, no name',
  );
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction_attribute-based-access-control.html
test('who has the tag that the resource has', () => {
  const abac = own(
    allow('secretsmanager:*', '*', {
      Condition: {
        StringEquals: { 'secretsmanager:ResourceTag/access-project': '${aws:PrincipalTag/access-project}' },
      },
    }),
  );
  const read = ['secretsmanager:GetSecretValue', 'arn:aws:secretsmanager:us-east-1:111122223333:secret:x'] as const;
  const tags = (mine: string, its: string) => ({
    'aws:principaltag/access-project': mine,
    'secretsmanager:resourcetag/access-project': its,
  });
  assert.equal(said(user('u'), read, { identity: [abac] }, {}, tags('peg', 'peg')), 'allowed');
  assert.equal(said(user('u'), read, { identity: [abac] }, {}, tags('peg', 'uni')), 'no identity');
  assert.equal(
    said(user('u'), read, { identity: [abac] }, {}, { 'secretsmanager:resourcetag/access-project': 'peg' }),
    'no identity',
  );
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html and …_notresource.html
test('everything but what is named', () => {
  const without = own({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' });
  assert.equal(said(user('u'), get, { identity: [without] }), 'allowed');
  assert.equal(said(user('u'), ['iam:CreateUser', '*'], { identity: [without] }), 'no identity');
  const payroll = own(allow('s3:*'), {
    Effect: 'Deny',
    Action: 's3:*',
    NotResource: ['arn:aws:s3:::HRBucket/Payroll', 'arn:aws:s3:::HRBucket/Payroll/*'],
  });
  assert.equal(
    said(user('u'), ['s3:GetObject', 'arn:aws:s3:::HRBucket/Payroll/x'], { identity: [payroll] }),
    'allowed',
  );
  assert.equal(said(user('u'), get, { identity: [payroll] }), 'denied by identity');
  const unclear = own({ Effect: 'Allow', Action: 's3:*', NotResource: `${bucket}/\${aws:PrincipalTag/x}` });
  assert.equal(said(user('u'), get, { identity: [unclear] }), 'no identity', 'what is left out is not known');
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
test('everybody but who is named is denied', () => {
  const shut = ofResource({
    Effect: 'Deny',
    NotPrincipal: { AWS: [`arn:aws:iam::${account}:user/Bob`, `arn:aws:iam::${account}:role/worker`] },
    Action: 's3:*',
    Resource: [bucket, `${bucket}/*`],
  });
  const all = { identity: [own(allow('*'))] };
  assert.equal(said(user('Bob'), get, all, shut), 'allowed');
  assert.equal(said(session, get, all, shut), 'allowed');
  assert.equal(said(user('Eve'), get, all, shut), 'denied by resource');
});

test('keys of who asks are what policies call them', () => {
  const functions: Principal = {
    kind: 'function',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/hello/e1`,
    accessKeyId: 'ASIA',
    functionArn: `arn:aws:lambda:us-east-1:${account}:function:hello` as FunctionArn,
    functionName: 'hello',
    environmentId: 'e1' as EnvironmentId,
  };
  const keys = (asker: Asker) => askerKeys(asker);
  const ofFunction = keys({ kind: 'principal', principal: functions });
  assert.equal(ofFunction('aws:principalarn'), `arn:aws:iam::${account}:role/hello`);
  assert.equal(ofFunction('aws:principaltype'), 'AssumedRole');
  assert.equal(ofFunction('lambda:sourcefunctionarn'), functions.functionArn);
  assert.equal(keys(user('u'))('aws:username'), 'u');
  assert.equal(keys(user('u'))('aws:userid'), 'AIDAu');
  assert.equal(keys(user('u'))('aws:tokenissuetime'), undefined);
  assert.equal(keys(session)('aws:userid'), 'AROA1:one');
  assert.equal(keys(session)('aws:tokenissuetime'), '1970-01-01T00:00:00.000Z');
  assert.equal(keys(session)('aws:username'), undefined);
});

test('more statements that allow never take away, more that deny never give', () => {
  const actions = fc.constantFrom('s3:GetObject', 's3:*', 'sqs:*', '*', 's3:Put*');
  const resources = fc.constantFrom('*', `${bucket}/*`, `${bucket}/a`, 'arn:aws:sqs:*:*:*');
  const statement = fc.record({ isDenial: fc.boolean(), action: actions, resource: resources });
  const written = ({ isDenial, action, resource }: { isDenial: boolean; action: string; resource: string }) =>
    isDenial ? deny(action, resource) : allow(action, resource);
  fc.assert(
    fc.property(fc.array(statement, { minLength: 1, maxLength: 5 }), statement, (statements, more) => {
      const before = said(user('u'), get, { identity: [own(...statements.map(written))] });
      const after = said(user('u'), get, { identity: [own(...statements.map(written)), own(written(more))] });
      if (more.isDenial) assert.ok(before === 'allowed' || after !== 'allowed');
      else assert.ok(before !== 'allowed' || after === 'allowed');
      const turned = said(user('u'), get, { identity: [own(...statements.toReversed().map(written))] });
      assert.equal(turned, before);
    }),
  );
});
