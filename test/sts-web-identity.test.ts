/** Roles for whoever has a token of an issuer that the account knows: how CI deploys without a stored key. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { after, before, test } from 'node:test';
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { FakeClock } from '../src/util/fake-clock.ts';
import { account, openStsRig, type StsRig } from './harness/sts-rig.ts';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** An issuer as CI has one, with as many keys as it has been given. */
class Issuer {
  readonly keys = new Map<string, KeyPair>();
  readonly asked: string[] = [];
  #server: Server | undefined;
  /** What its configuration says that it is; undefined: the truth. */
  claims: string | undefined;
  url = '';

  async start(): Promise<void> {
    await this.add('first');
    this.#server = createServer((request, response) => {
      this.asked.push(request.url ?? '');
      const send = (value: unknown): void => void response.end(JSON.stringify(value));
      if (request.url === '/.well-known/openid-configuration')
        send({ issuer: this.claims ?? this.url, jwks_uri: `${this.url}/keys` });
      else this.#jwks().then(send, () => response.destroy());
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    assert.ok(typeof address === 'object' && address !== null);
    this.url = `http://127.0.0.1:${address.port}`;
  }

  async add(kid: string): Promise<void> {
    this.keys.set(kid, await generateKeyPair('RS256'));
  }

  async #jwks(): Promise<unknown> {
    const keys = [...this.keys].map(async ([kid, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      kid,
      alg: 'RS256',
    }));
    return { keys: await Promise.all(keys) };
  }

  token(claims: Record<string, unknown> = {}, { kid = 'first', seconds = 300, atMs = 0 } = {}): Promise<string> {
    const pair = this.keys.get(kid);
    assert.ok(pair !== undefined);
    const now = Math.floor(atMs / 1000);
    return new SignJWT({
      iss: this.url,
      sub: 'repo:acme/app:ref:refs/heads/main',
      aud: 'sts.amazonaws.com',
      repository: 'acme/app',
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setIssuedAt(now)
      .setExpirationTime(now + seconds)
      .sign(pair.privateKey);
  }

  stop(): Promise<void> {
    this.#server?.closeAllConnections();
    return new Promise((resolve) => void this.#server?.close(() => resolve()));
  }
}

const clock = new FakeClock(Date.now());
const issuer = new Issuer();
const hidden = new Issuer();
let rig: StsRig;
let sts: STSClient;

before(async () => {
  await issuer.start();
  await hidden.start();
  rig = await openStsRig({ clock, privateIssuers: [issuer.url, `${issuer.url}/TENANT`] });
  // Nobody signs these requests.
  sts = new STSClient({
    endpoint: rig.endpoint,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: () => Promise.reject(new Error('none')),
  });
  await rig.identities.change(account, (draft) => {
    for (const { url } of [issuer, hidden])
      draft.put('oidc-provider', {
        account,
        name: nameOf(url),
        createdMs: 0,
        clientIds: ['sts.amazonaws.com'],
        thumbprints: [],
        tags: {},
      });
  });
});
after(async () => {
  await rig[Symbol.asyncDispose]();
  await issuer.stop();
  await hidden.stop();
  assert.deepEqual(rig.errors, []);
});

const nameOf = (url: string): string => url.replace('http://', '');
const providerOf = (url: string): string => `arn:aws:iam::${account}:oidc-provider/${nameOf(url)}`;

const trustOf = (url: string, condition: object, action: unknown = 'sts:AssumeRoleWithWebIdentity'): object => ({
  Effect: 'Allow',
  Principal: { Federated: providerOf(url) },
  Action: action,
  Condition: condition,
});

/** As the documentation of GitHub Actions has it. */
const forMain = (url: string): object => ({
  StringEquals: { [`${nameOf(url)}:aud`]: 'sts.amazonaws.com' },
  StringLike: { [`${nameOf(url)}:sub`]: 'repo:acme/app:*' },
});

const assume = (RoleArn: string, WebIdentityToken: string, more: object = {}) =>
  sts.send(new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: 'ci', WebIdentityToken, ...more }));

test('whose token the trust means gets a session of the role, without any key of ours', async () => {
  const role = await rig.role('deploy', [trustOf(issuer.url, forMain(issuer.url))]);
  const found = await assume(role, await issuer.token({}, { atMs: clock.now() }), { DurationSeconds: 900 });
  assert.deepEqual(
    [found.SubjectFromWebIdentityToken, found.Audience, found.Provider],
    ['repo:acme/app:ref:refs/heads/main', 'sts.amazonaws.com', providerOf(issuer.url)],
  );
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = found.Credentials ?? {};
  const client = rig.client({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken });
  assert.equal(
    (await client.send(new GetCallerIdentityCommand({}))).Arn,
    `arn:aws:sts::${account}:assumed-role/deploy/ci`,
  );
  assert.deepEqual(issuer.asked, ['/.well-known/openid-configuration', '/keys'], 'its keys are asked for once');
});

test('another repository, another role, or claims that are not met get nothing', async () => {
  const role = await rig.role('conditional', [trustOf(issuer.url, forMain(issuer.url))]);
  const other = await rig.role('other', [trustOf(hidden.url, {})]);
  const actor = await rig.role('actor', [
    trustOf(issuer.url, { StringEquals: { [`${nameOf(issuer.url)}:actor`]: 'alice' } }),
  ]);
  const token = (claims: Record<string, unknown> = {}) => issuer.token(claims, { atMs: clock.now() });
  await assume(role, await token());
  await assume(actor, await token({ actor: 'alice' }));
  const denied = { name: 'AccessDenied', message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' };
  await assert.rejects(assume(role, await token({ sub: 'repo:acme/other:ref:refs/heads/main' })), denied);
  await assert.rejects(assume(other, await token()), denied);
  await assert.rejects(assume(actor, await token({ actor: 'mallory' })), denied);
  await assert.rejects(assume(actor, await token()), denied);
  await assert.rejects(assume(role.replace('conditional', 'missing'), await token()), denied);
});

test('tags and the source identity of a token are the session’s, where the trust lets them', async () => {
  const claims = {
    'https://aws.amazon.com/tags': { principal_tags: { team: ['blue'] }, transitive_tag_keys: ['team'] },
    'https://aws.amazon.com/source_identity': 'alice',
  };
  const all = ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity'];
  const role = await rig.role('tagged', [trustOf(issuer.url, {}, all)]);
  const untagged = await rig.role('untagged', [trustOf(issuer.url, {}, all.slice(0, 1))]);
  const token = await issuer.token(claims, { atMs: clock.now() });
  const found = await assume(role, token);
  assert.equal(found.SourceIdentity, 'alice');
  const opened = rig.sessions.open(
    found.Credentials?.AccessKeyId ?? '',
    found.Credentials?.SessionToken ?? '',
    clock.now(),
  );
  assert.ok(opened.status === 'ok' && opened.bearer.kind === 'role');
  assert.deepEqual(
    [opened.bearer.session.tags, opened.bearer.session.provider],
    [{ team: 'blue' }, providerOf(issuer.url)],
  );
  await assert.rejects(assume(untagged, token), /Not authorized to perform sts:TagSession/);
});

test('what is forged, too old, or of another audience is no token', async () => {
  const role = await rig.role('strict', [trustOf(issuer.url, {})]);
  const good = await issuer.token({}, { atMs: clock.now() });
  const [head = '', body = '', signature = ''] = good.split('.');
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
  const first = issuer.keys.get('first');
  assert.ok(first !== undefined);
  const stranger = await generateKeyPair('RS256');
  const signer = new SignJWT(claims);
  const forged = {
    'no token': 'no.token.at-all',
    'no signature': `${encode({ alg: 'none' })}.${body}.`,
    'a signature of something else': `${head}.${encode({ ...claims, sub: 'repo:acme/app:root' })}.${signature}`,
    'the public key as a secret': await signer
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(new TextEncoder().encode(await exportSPKI(first.publicKey))),
    'a key of its own': await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'first' })
      .sign(stranger.privateKey),
    'another audience': await issuer.token({ aud: 'someone-else' }, { atMs: clock.now() }),
    'an authorised party that is none': await issuer.token({ azp: 'someone-else' }, { atMs: clock.now() }),
    'an issuer that nobody knows': await issuer.token({ iss: 'https://unknown.example' }, { atMs: clock.now() }),
  };
  // Of a role that is not there the same is said: nobody finds out without a token which there are.
  for (const [what, token] of Object.entries(forged))
    for (const wanted of [role, `${role}-missing`])
      await assert.rejects(assume(wanted, token), { name: 'InvalidIdentityTokenException' }, what);
  await assert.rejects(assume(role, await issuer.token({}, { atMs: clock.now(), seconds: -120 })), {
    name: 'ExpiredTokenException',
  });
  await assume(role, good);
});

test('a key that is new at the issuer is asked for, and not in a hurry', async () => {
  const role = await rig.role('rotating', [trustOf(issuer.url, {})]);
  await assume(role, await issuer.token({}, { atMs: clock.now() }));
  await issuer.add('second');
  const askedBefore = issuer.asked.length;
  const token = await issuer.token({}, { kid: 'second', atMs: clock.now() });
  await assert.rejects(assume(role, token), { name: 'InvalidIdentityTokenException' });
  assert.equal(issuer.asked.length, askedBefore, 'they were fetched a moment ago');
  await clock.advance(31_000);
  await assume(role, token);
});

test('an issuer at a private address that the operator has not named is not asked', async () => {
  const role = await rig.role('hidden', [trustOf(hidden.url, {})]);
  await assert.rejects(assume(role, await hidden.token({}, { atMs: clock.now() })), {
    name: 'InvalidIdentityTokenException',
  });
  const secure = `https://127.0.0.1:${new URL(hidden.url).port}`;
  await assert.rejects(assume(role, await hidden.token({ iss: secure }, { atMs: clock.now() })), {
    name: 'IDPCommunicationErrorException',
    message: /127\.0\.0\.1 is no public address/,
  });
  assert.deepEqual(hidden.asked, []);
});

test('a provider is not another tenant of its host whose name differs in capitals alone', async () => {
  const tenant = `${issuer.url}/tenant`;
  await rig.identities.change(account, (draft) => {
    const known = draft.get('oidc-provider', nameOf(issuer.url));
    if (known !== undefined) draft.put('oidc-provider', { ...known, name: nameOf(tenant) });
  });
  const role = await rig.role('tenant', [trustOf(tenant, {})]);
  await assert.rejects(assume(role, await issuer.token({ iss: `${issuer.url}/TENANT` }, { atMs: clock.now() })), {
    name: 'InvalidIdentityTokenException',
    message: /No OpenIDConnect provider found/,
  });
});

test('an issuer that says that it is another is not believed, and not asked with each token', async () => {
  await clock.advance(11 * 60_000);
  issuer.claims = 'https://another.example';
  const role = await rig.role('claimed', [trustOf(issuer.url, {})]);
  const askedBefore = issuer.asked.length;
  for (const _time of [1, 2, 3]) {
    await assert.rejects(assume(role, await issuer.token({}, { atMs: clock.now() })), {
      name: 'IDPCommunicationErrorException',
    });
  }
  assert.equal(issuer.asked.length, askedBefore + 1);
  issuer.claims = undefined;
  await clock.advance(31_000);
  await assume(role, await issuer.token({}, { atMs: clock.now() }));
});
