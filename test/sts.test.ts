/** STS through the official SDK. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type Credentials,
  DecodeAuthorizationMessageCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  type STSClient,
} from '@aws-sdk/client-sts';
import { functionBearer } from '../src/identity/principal.ts';
import { functionArn, type EnvironmentId } from '../src/util/ids.ts';
import { account, openStsRig, policy, type StsRig, trusts } from './harness/sts-rig.ts';

let rig: StsRig;
before(async () => {
  rig = await openStsRig();
});
after(async () => {
  await rig[Symbol.asyncDispose]();
  assert.deepEqual(rig.errors, []);
});

const may = (...actions: readonly string[]) => ({
  inline: { may: policy({ Effect: 'Allow', Action: actions, Resource: '*' }) },
});

const keysOf = (credentials: Credentials | undefined) => ({
  accessKeyId: credentials?.AccessKeyId ?? '',
  secretAccessKey: credentials?.SecretAccessKey ?? '',
  sessionToken: credentials?.SessionToken ?? '',
});

const assume = (client: STSClient, RoleArn: string, more: Partial<AssumeRoleCommandInput> = {}) =>
  client.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'once', ...more }));

const arnOf = async (client: STSClient): Promise<string | undefined> =>
  (await client.send(new GetCallerIdentityCommand({}))).Arn;

const secondsLeft = (credentials: Credentials | undefined): number =>
  Math.round(((credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000);

const denied = { name: 'AccessDenied' };

describe('GetCallerIdentity', () => {
  test('says who somebody is, whatever his policies say', async () => {
    const root = await rig.client().send(new GetCallerIdentityCommand({}));
    assert.deepEqual([root.Arn, root.Account, root.UserId], [`arn:aws:iam::${account}:root`, account, account]);
    const nothing = { inline: { none: policy({ Effect: 'Deny', Action: '*', Resource: '*' }) } };
    const keys = await rig.user('nobody', { path: '/team/', ...nothing });
    const user = await rig.client(keys).send(new GetCallerIdentityCommand({}));
    assert.equal(user.Arn, `arn:aws:iam::${account}:user/team/nobody`);
    assert.match(user.UserId ?? '', /^AIDA/);
  });

  test('a function is a session of a role, in its own environment', async () => {
    const environmentId = 'environment-1' as EnvironmentId;
    const arn = functionArn('us-east-1', account, 'resize');
    const bearer = functionBearer({ account, functionArn: arn, functionName: 'resize', environmentId });
    const session = rig.sessions.issue(bearer, Date.now() + 60_000);
    rig.environment = environmentId;
    const { Arn, UserId } = await rig.client(session).send(new GetCallerIdentityCommand({}));
    rig.environment = undefined;
    assert.equal(Arn, `arn:aws:sts::${account}:assumed-role/resize/environment-1`);
    assert.match(UserId ?? '', /^AROA[A-Z2-7]{17}:environment-1$/);
    await assert.rejects(arnOf(rig.client(session)), denied);
  });

  test('a key that nobody has, or that was made inactive, is refused', async () => {
    const keys = await rig.user('inactive');
    await arnOf(rig.client(keys));
    await rig.identities.change(account, (draft) => {
      const key = draft.get('access-key', keys.accessKeyId);
      if (key !== undefined) draft.put('access-key', { ...key, isActive: false });
    });
    for (const wrong of [keys, { ...keys, accessKeyId: 'AKIANOBODY2345678AAA' }])
      await assert.rejects(arnOf(rig.client(wrong)), { name: 'InvalidClientTokenId' });
  });

  test('what a key or a role was last used for is known', async () => {
    const keys = await rig.user('used');
    await arnOf(rig.client(keys));
    const use = rig.identities.lastUse(account, keys.accessKeyId);
    assert.deepEqual([use?.service, use?.region], ['sts', 'us-east-1']);
    const role = await rig.role('role-used', [trusts()]);
    const session = rig.client(keysOf((await assume(rig.client(), role)).Credentials));
    assert.equal(rig.identities.lastUse(account, 'role/role-used'), undefined);
    await arnOf(session);
    assert.equal(rig.identities.lastUse(account, 'role/role-used')?.service, 'sts');
  });
});

describe('AssumeRole', () => {
  test('a user who may, of whom the role trusts the account, is a session of it', async () => {
    const keys = await rig.user('assumer', may('sts:AssumeRole'));
    const role = await rig.role('reader', [trusts()], { path: '/app/' });
    await assert.rejects(assume(rig.client(keys), role), denied, 'the path belongs to the ARN');
    const { Credentials, AssumedRoleUser, PackedPolicySize } = await assume(
      rig.client(keys),
      role.replace('role/', 'role/app/'),
    );
    const arn = `arn:aws:sts::${account}:assumed-role/reader/once`;
    assert.equal(AssumedRoleUser?.Arn, arn);
    assert.match(AssumedRoleUser?.AssumedRoleId ?? '', /^AROA.*:once$/);
    assert.equal(PackedPolicySize, undefined);
    assert.match(Credentials?.AccessKeyId ?? '', /^ASIA[A-Z2-7]{16}$/);
    assert.ok(Math.abs(secondsLeft(Credentials) - 3_600) < 300);
    assert.equal(await arnOf(rig.client(keysOf(Credentials))), arn);
  });

  test('trust and permission are both needed, but for whom the trust means by name', async () => {
    const [may1, bare] = [await rig.user('may', may('sts:*')), await rig.user('bare')];
    const [ofAccount, ofOther, ofBare] = [
      await rig.role('of-account', [trusts()]),
      await rig.role('of-other', [trusts('arn:aws:iam::999999999999:root')]),
      await rig.role('of-bare', [trusts(`arn:aws:iam::${account}:user/bare`)]),
    ];
    await assume(rig.client(may1), ofAccount);
    await assert.rejects(assume(rig.client(bare), ofAccount), denied);
    await assume(rig.client(bare), ofBare);
    await assert.rejects(assume(rig.client(may1), ofBare), denied);
    for (const client of [rig.client(may1), rig.client()]) {
      await assert.rejects(assume(client, ofOther), denied);
      await assert.rejects(assume(client, ofAccount.replace('of-account', 'missing')), {
        name: 'AccessDenied',
        message: /is not authorized to perform: sts:AssumeRole on resource: .*role\/missing/,
      });
    }
    await assume(rig.client(), ofAccount);
  });

  test('conditions of the trust are asked: the external id, the name of the session, the source', async () => {
    const conditional = (operator: string, key: string, value: string): object => ({
      ...trusts(),
      Condition: { [operator]: { [key]: value } },
    });
    const cases: [object, Partial<AssumeRoleCommandInput>, Partial<AssumeRoleCommandInput>][] = [
      [conditional('StringEquals', 'sts:ExternalId', 'id-1'), { ExternalId: 'id-1' }, { ExternalId: 'id-2' }],
      [conditional('StringEquals', 'sts:ExternalId', 'id-1'), { ExternalId: 'id-1' }, {}],
      [conditional('StringLike', 'sts:RoleSessionName', 'o*'), {}, { RoleSessionName: 'two' }],
      [
        conditional('StringEquals', 'sts:SourceIdentity', 'alice'),
        { SourceIdentity: 'alice' },
        { SourceIdentity: 'bob' },
      ],
      [
        conditional('StringEquals', 'aws:RequestTag/team', 'blue'),
        { Tags: [{ Key: 'Team', Value: 'blue' }] },
        { Tags: [{ Key: 'Team', Value: 'red' }] },
      ],
      [conditional('IpAddress', 'aws:SourceIp', '127.0.0.0/8'), {}, { RoleArn: 'arn:aws:iam::1:role/x' }],
    ];
    for (const [index, [trust, right, wrong]] of cases.entries()) {
      const role = await rig.role(`conditional-${index}`, [trust]);
      await assume(rig.client(), role, right);
      await assert.rejects(assume(rig.client(), role, wrong), /AccessDenied|not authorized/, String(index));
    }
  });

  test('it lasts as long as was asked for, and as the role lets it', async () => {
    const role = await rig.role('short', [trusts()], { sessionSecondsMax: 5_400 });
    const { Credentials } = await assume(rig.client(), role, { DurationSeconds: 5_400 });
    assert.ok(Math.abs(secondsLeft(Credentials) - 5_400) < 300);
    await assert.rejects(assume(rig.client(), role, { DurationSeconds: 5_401 }), {
      name: 'ValidationError',
      message: /exceeds the MaxSessionDuration set for this role/,
    });
    await assert.rejects(assume(rig.client(), role, { DurationSeconds: 899 }), {
      name: 'ValidationError',
      message: /'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900/,
    });
    await assert.rejects(assume(rig.client(), role, { RoleSessionName: 'a b' }), { name: 'ValidationError' });
  });

  test('a session of a role assumes the next for an hour, with the tags that go on and the source that stays', async () => {
    const first = await rig.role('first', [trusts()], may('sts:*'));
    const second = await rig.role('second', [trusts(first)], { sessionSecondsMax: 43_200 });
    const { Credentials, PackedPolicySize, SourceIdentity } = await assume(rig.client(), first, {
      Tags: [
        { Key: 'team', Value: 'blue' },
        { Key: 'cost', Value: '1' },
      ],
      TransitiveTagKeys: ['team'],
      SourceIdentity: 'alice',
    });
    assert.ok(PackedPolicySize !== undefined && PackedPolicySize > 0 && PackedPolicySize < 10);
    assert.equal(SourceIdentity, 'alice');
    const chained = rig.client(keysOf(Credentials));
    await assert.rejects(assume(chained, second, { DurationSeconds: 3_601 }), {
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    });
    await assert.rejects(assume(chained, second, { Tags: [{ Key: 'Team', Value: 'red' }] }), {
      name: 'InvalidParameterValue',
    });
    await assert.rejects(assume(chained, second, { SourceIdentity: 'bob' }), denied);
    const next = await assume(chained, second, { Tags: [{ Key: 'own', Value: '2' }] });
    assert.equal(next.SourceIdentity, 'alice');
    const opened = rig.sessions.open(
      next.Credentials?.AccessKeyId ?? '',
      next.Credentials?.SessionToken ?? '',
      Date.now(),
    );
    assert.ok(opened.status === 'ok' && opened.bearer.kind === 'role');
    const { tags, transitiveTagKeys } = opened.bearer.session;
    assert.deepEqual([tags, transitiveTagKeys], [{ team: 'blue', own: '2' }, ['team']]);
  });

  test('who wants tags or a source identity needs to be let', async () => {
    const role = await rig.role('plain', [{ ...trusts(), Action: 'sts:AssumeRole' }]);
    await assume(rig.client(), role);
    await assert.rejects(assume(rig.client(), role, { Tags: [{ Key: 'a', Value: 'b' }] }), /sts:TagSession/);
    await assert.rejects(assume(rig.client(), role, { SourceIdentity: 'alice' }), /sts:SetSourceIdentity/);
  });

  test('a session’s policies narrow what its role may, and nothing else', async () => {
    const target = await rig.role('target', [trusts()]);
    const wide = await rig.role('wide', [trusts()], may('sts:AssumeRole'));
    const session = async (more: Partial<AssumeRoleCommandInput>): Promise<STSClient> =>
      rig.client(keysOf((await assume(rig.client(), wide, more)).Credentials));
    const allow = (action: string): string => policy({ Effect: 'Allow', Action: action, Resource: '*' });
    await assume(await session({ Policy: allow('sts:*') }), target);
    await assert.rejects(assume(await session({ Policy: allow('s3:*') }), target), denied);
    const none = { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/IAMFullAccess' }] };
    await assert.rejects(assume(await session(none), target), denied);
    const narrow = await rig.role('narrow', [trusts()]);
    const wider = await assume(rig.client(), narrow, { Policy: allow('*') });
    await assert.rejects(assume(rig.client(keysOf(wider.Credentials)), target), denied);
    await assert.rejects(session({ Policy: '{"Statement":' }), { name: 'MalformedPolicyDocumentException' });
    await assert.rejects(session({ PolicyArns: [{ arn: `arn:aws:iam::${account}:policy/missing` }] }), {
      name: 'ValidationError',
    });
    const tags = Array.from({ length: 50 }, (_, index) => ({
      Key: `${index}-${rig.sessions.issue(functionless, 1).secretAccessKey.repeat(3).slice(0, 100)}`,
      Value: Array.from({ length: 6 }, () => rig.sessions.issue(functionless, 1).secretAccessKey)
        .join('')
        .slice(0, 250),
    }));
    await assert.rejects(session({ Tags: tags }), { name: 'PackedPolicyTooLargeException' });
  });

  test('sessions of a role that is gone, or was made again, are over', async () => {
    const role = await rig.role('passing', [trusts()]);
    const client = rig.client(keysOf((await assume(rig.client(), role)).Credentials));
    await arnOf(client);
    await rig.role('passing', [trusts()]);
    await assert.rejects(arnOf(client), { name: 'InvalidClientTokenId' });
  });

  test('an administrator ends the sessions that a role has, with a policy', async () => {
    const target = await rig.role('target-2', [trusts()]);
    const issued = { DateLessThan: { 'aws:TokenIssueTime': new Date(Date.now() + 60_000).toISOString() } };
    const role = await rig.role('revoked', [trusts()], may('sts:*'));
    const client = rig.client(keysOf((await assume(rig.client(), role)).Credentials));
    await assume(client, target);
    const revoke = policy({ Effect: 'Deny', Action: '*', Resource: '*', Condition: issued });
    await rig.identities.change(account, (draft) => {
      const before = draft.get('role', 'revoked');
      if (before !== undefined) draft.put('role', { ...before, inline: { ...before.inline, revoke } });
    });
    await assert.rejects(assume(client, target), /explicit deny/);
  });
});

const functionless = { kind: 'administrator', account, arn: `arn:aws:iam::${account}:root` } as const;

describe('sessions of users', () => {
  test('GetSessionToken: the same user, who cannot go on from it', async () => {
    const keys = await rig.user('session-user', may('sts:*'));
    const role = await rig.role('of-session', [trusts()]);
    const { Credentials } = await rig.client(keys).send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    assert.ok(Math.abs(secondsLeft(Credentials) - 900) < 300);
    const client = rig.client(keysOf(Credentials));
    assert.equal(await arnOf(client), `arn:aws:iam::${account}:user/session-user`);
    await assume(client, role);
    for (const command of [new GetSessionTokenCommand({}), new GetFederationTokenCommand({ Name: 'fed' })] as const)
      await assert.rejects(client.send(command as GetSessionTokenCommand), /with session credentials/);
    await assert.rejects(
      rig.client(keys).send(new GetSessionTokenCommand({ SerialNumber: 'GAHT12345678', TokenCode: '123456' })),
      {
        name: 'NotImplemented',
      },
    );
  });

  test('the account itself has an hour', async () => {
    const { Credentials } = await rig.client().send(new GetSessionTokenCommand({ DurationSeconds: 43_200 }));
    assert.ok(secondsLeft(Credentials) <= 3_600);
    assert.equal(await arnOf(rig.client(keysOf(Credentials))), `arn:aws:iam::${account}:root`);
  });

  test('GetFederationToken: somebody who may what his policy and the user both let', async () => {
    const keys = await rig.user('broker', may('sts:GetFederationToken', 'sts:GetAccessKeyInfo'));
    const allow = policy({ Effect: 'Allow', Action: 'sts:*', Resource: '*' });
    const federate = async (Policy?: string) =>
      rig.client(keys).send(new GetFederationTokenCommand({ Name: 'guest', ...(Policy !== undefined && { Policy }) }));
    const { Credentials, FederatedUser } = await federate(allow);
    const arn = `arn:aws:sts::${account}:federated-user/guest`;
    assert.deepEqual([FederatedUser?.Arn, FederatedUser?.FederatedUserId], [arn, `${account}:guest`]);
    const client = rig.client(keysOf(Credentials));
    assert.equal(await arnOf(client), arn);
    const info = new GetAccessKeyInfoCommand({ AccessKeyId: keys.accessKeyId });
    assert.equal((await client.send(info)).Account, account);
    await assert.rejects(assume(client, await rig.role('for-guests', [trusts(arn)])), /federated user credentials/);
    const without = rig.client(keysOf((await federate()).Credentials));
    await assert.rejects(without.send(info), denied);
    const unlet = await rig.user('no-broker');
    await assert.rejects(rig.client(unlet).send(new GetFederationTokenCommand({ Name: 'guest' })), denied);
  });
});

test('GetAccessKeyInfo tells the account of any key', async () => {
  const keys = await rig.user('known');
  const info = (AccessKeyId: string) => rig.client().send(new GetAccessKeyInfoCommand({ AccessKeyId }));
  assert.equal((await info(keys.accessKeyId)).Account, account);
  assert.equal((await info('ASIAQNZGKIQY56JQ7WML')).Account, '029608264753');
  await assert.rejects(info('ASIA_____________'), { name: 'ValidationError' });
});

test('what is not built says so by name', async () => {
  await assert.rejects(rig.client().send(new DecodeAuthorizationMessageCommand({ EncodedMessage: 'x' })), {
    name: 'NotImplemented',
    message: /DecodeAuthorizationMessage/,
  });
});
