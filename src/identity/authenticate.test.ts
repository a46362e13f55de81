import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { FakeClock } from '../util/fake-clock.ts';
import type { HttpRequest } from '../util/http.ts';
import { type AccountId, type EnvironmentId, functionArn, randomIds } from '../util/ids.ts';
import { type AuthenticateCall, type Authentication, createAuthenticate } from './authenticate.ts';
import { functionBearer } from './principal.ts';
import { rootOf } from './signer.ts';
import { createTemporaryCredentials } from './temporary-credentials.ts';
import { signRequest } from './sign.ts';
import { amzDateAt, canonicalRequest, scopeText, sign, signingKey, stringToSign } from './signature.ts';
import { signV2, stringToSignV2 } from './signature-v2.ts';

const account = '000000000000' as AccountId;
const administrator = { accessKeyId: 'AKIAADMINISTRATOR123', secretAccessKey: 'secret' };
const sessions = createTemporaryCredentials(Buffer.alloc(32, 1), randomIds);
const environmentId = 'environment-1' as EnvironmentId;
const identity = {
  account,
  functionArn: functionArn('us-east-1', account, 'resize'),
  functionName: 'resize',
  environmentId,
};

const facts = { issuedMs: 0, policies: [], policyArns: [], tags: {}, transitiveTagKeys: [] };
const clock = new FakeClock();
const authenticate = createAuthenticate({ mode: 'serve', administrator, sessions, account, clock });
const s3: AuthenticateCall = {
  signingNames: ['s3'],
  style: 's3',
  bodyHash: () => Promise.reject(new Error('S3 has its hash in a header')),
};

function requestOf(request: {
  method?: string;
  target?: string;
  headers?: Record<string, string>;
  environmentId?: EnvironmentId;
  remoteAddress?: string;
}): HttpRequest {
  const { method = 'GET', target = '/pics/a%20b?x=1', headers = {} } = request;
  const [path = '', query = ''] = target.split('?');
  return {
    method,
    target,
    path,
    query,
    headers,
    rawHeaders: Object.entries(headers).flat(),
    body: (async function* () {})(),
    remoteAddress: request.remoteAddress ?? '192.0.2.1',
    ...(request.environmentId === undefined ? {} : { environmentId: request.environmentId }),
    signal: new AbortController().signal,
    sendContinue: () => undefined,
  };
}

function signed(
  options: {
    credentials?: typeof administrator;
    service?: string;
    region?: string;
    nowMs?: number;
    body?: string;
    extra?: Record<string, string>;
  } = {},
): Record<string, string> {
  const { credentials = administrator, service = 's3', region = 'us-east-1', nowMs = clock.now(), body } = options;
  const outgoing = {
    method: 'GET',
    path: '/pics/a%20b',
    query: 'x=1',
    headers: { host: 'localhost:4566' },
    ...(body === undefined ? {} : { body }),
  };
  return { ...signRequest(outgoing, credentials, { region, service, nowMs }), ...options.extra };
}

async function reasonOf(promise: Promise<Authentication>): Promise<string> {
  const error = await promise.then(
    () => assert.fail('it was accepted'),
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof Error && 'reason' in error);
  return String(error.reason);
}

test('what is signed with the right secret is the administrator', async () => {
  const { principal, chunkSigning } = await authenticate(requestOf({ headers: signed() }), s3);
  assert.deepEqual(principal, {
    kind: 'administrator',
    account,
    arn: 'arn:aws:iam::000000000000:root',
    accessKeyId: administrator.accessKeyId,
  });
  assert.equal(chunkSigning?.seedSignature.length, 64);
});

test('every change to what was signed is noticed', async () => {
  const headers = signed();
  const changes: Parameters<typeof requestOf>[0][] = [
    { headers, method: 'PUT' },
    { headers, target: '/pics/a%20c?x=1' },
    { headers, target: '/pics/a%20b?x=2' },
    { headers: { ...headers, host: 'elsewhere' } },
    { headers: { ...headers, 'x-amz-content-sha256': hash('sha256', 'x') } },
    { headers: { ...headers, 'x-amz-date': amzDateAt(clock.now() + 1000) } },
    {
      headers: {
        ...headers,
        authorization: headers['authorization']?.replace(/.$/, (last) => (last === '0' ? '1' : '0')) ?? '',
      },
    },
  ];
  for (const change of changes)
    assert.equal(await reasonOf(authenticate(requestOf(change), s3)), 'SignatureDoesNotMatch');
});

test('each thing that is wrong has its own name', async () => {
  const unknown = { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' };
  const quarter = 15 * 60_000;
  const cases: [string, Record<string, string>][] = [
    ['AccessDenied', { host: 'localhost' }],
    ['AuthorizationHeaderMalformed', { host: 'localhost', authorization: 'AWS4-HMAC-SHA256 nonsense' }],
    ['AuthorizationHeaderMalformed', signed({ service: 'sqs' })],
    ['InvalidAccessKeyId', signed({ credentials: unknown })],
    ['InvalidAccessKeyId', { ...signed(), authorization: signed().authorization?.replace('AKIA', 'ASIA') ?? '' }],
    ['SignatureDoesNotMatch', signed({ credentials: { ...administrator, secretAccessKey: 'wrong' } })],
    ['RequestTimeTooSkewed', signed({ nowMs: clock.now() - quarter - 1000 })],
    ['RequestTimeTooSkewed', signed({ nowMs: clock.now() + quarter + 1000 })],
    ['AccessDenied', signed({ extra: { 'x-amz-acl': 'public-read' } })],
  ];
  for (const [reason, headers] of cases)
    assert.equal(await reasonOf(authenticate(requestOf({ headers }), s3)), reason, JSON.stringify(headers));
  await authenticate(requestOf({ headers: signed({ nowMs: clock.now() - quarter }) }), s3);
});

test('everybody but S3 bears five minutes, and says so as AWS does', async () => {
  const sqs: AuthenticateCall = { signingNames: ['sqs'], style: 'other', bodyHash: () => Promise.resolve('') };
  const five = 5 * 60_000;
  for (const nowMs of [clock.now() - five, clock.now() + five])
    await authenticate(requestOf({ headers: signed({ service: 'sqs', nowMs }) }), sqs);
  const [early, late] = [clock.now() - five - 1000, clock.now() + five + 1000];
  await assert.rejects(authenticate(requestOf({ headers: signed({ service: 'sqs', nowMs: early }) }), sqs), {
    reason: 'SignatureDoesNotMatch',
    message: `Signature expired: ${amzDateAt(early)} is now earlier than ${amzDateAt(clock.now() - five)} (${amzDateAt(clock.now())} - 5 min.)`,
  });
  await assert.rejects(authenticate(requestOf({ headers: signed({ service: 'sqs', nowMs: late }) }), sqs), {
    reason: 'SignatureDoesNotMatch',
    message: /^Signature not yet current: .* \+ 5 min\.\)$/,
  });
});

test('signatures of several regions are refused by name, in the header and in the query', async () => {
  const named = 'AWS4-ECDSA-P256-SHA256';
  const authorization = signed().authorization?.replace('AWS4-HMAC-SHA256', named) ?? '';
  for (const request of [
    { headers: { ...signed(), authorization } },
    { target: `/pics/a?X-Amz-Algorithm=${named}&X-Amz-Signature=ab` },
  ])
    await assert.rejects(authenticate(requestOf(request), s3), { reason: 'NotImplemented', message: /SigV4A/ });
});

test('policies may ask how S3 was asked, and how long ago that was signed', async () => {
  const age = 60_000;
  const headers = signed({ nowMs: clock.now() - age });
  const { conditions } = await authenticate(requestOf({ headers }), s3);
  assert.deepEqual(conditions, {
    's3:authtype': 'REST-HEADER',
    's3:signatureversion': 'AWS4-HMAC-SHA256',
    's3:signatureage': String(age),
    's3:x-amz-content-sha256': headers['x-amz-content-sha256'],
  });
});

test('in dev a session that was given out here is who it says', async () => {
  const dev = createAuthenticate({ mode: 'dev', administrator, sessions, account, clock });
  const session = sessions.issue({ ...rootOf(account), session: facts }, clock.now() + 60_000);
  const here = { remoteAddress: '127.0.0.1' };
  const { principal } = await dev(requestOf({ headers: signed({ credentials: session }), ...here }), s3);
  assert.ok(principal.kind === 'administrator' && principal.session !== undefined);
  const forged = { ...session, secretAccessKey: 'guessed' };
  assert.equal(
    await reasonOf(dev(requestOf({ headers: signed({ credentials: forged }), ...here }), s3)),
    'SignatureDoesNotMatch',
  );
  const ofFunction = sessions.issue(functionBearer(identity), clock.now() + 60_000);
  assert.equal(
    await reasonOf(dev(requestOf({ headers: signed({ credentials: ofFunction }), ...here }), s3)),
    'AccessDenied',
  );
});

test('a session that somebody began for himself is not good for IAM, one of a role is', async () => {
  const iam: AuthenticateCall = { signingNames: ['iam', 'sqs'], style: 'other', bodyHash: () => Promise.resolve('') };
  const session = sessions.issue({ ...rootOf(account), session: facts }, clock.now() + 60_000);
  const send = (service: string): Promise<Authentication> =>
    authenticate(requestOf({ headers: signed({ credentials: session, service }) }), iam);
  await send('sqs');
  assert.equal(await reasonOf(send('iam')), 'InvalidToken');
  await authenticate(requestOf({ headers: signed({ service: 'iam' }) }), iam);
});

test('a service without the hash in a header has its body hashed, of a known caller alone', async () => {
  const headers = signed({ service: 'sqs', body: 'hello' });
  delete headers['x-amz-content-sha256'];
  const scope = { date: amzDateAt(clock.now()).slice(0, 8), region: 'us-east-1', service: 'sqs' };
  const signedHeaders = ['host', 'x-amz-date'];
  const canonical = canonicalRequest(
    { method: 'GET', path: '/pics/a%20b', query: 'x=1', rawHeaders: Object.entries(headers).flat() },
    { signedHeaders, payloadHash: hash('sha256', 'hello'), pathStyle: 'normalised' },
  );
  const signature = sign(signingKey('secret', scope), stringToSign(amzDateAt(clock.now()), scope, canonical));
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${administrator.accessKeyId}/${scopeText(scope)}, SignedHeaders=host;x-amz-date, Signature=${signature}`;
  let hashed = 0;
  const sqs = (body: string): AuthenticateCall => ({
    signingNames: ['sqs'],
    style: 'other',
    bodyHash: () => ((hashed += 1), Promise.resolve(hash('sha256', body))),
  });
  await authenticate(requestOf({ headers }), sqs('hello'));
  assert.equal(await reasonOf(authenticate(requestOf({ headers }), sqs('hallo'))), 'SignatureDoesNotMatch');
  const stranger = { ...headers, authorization: headers['authorization'].replace('AKIA', 'AKIX') };
  assert.equal(await reasonOf(authenticate(requestOf({ headers: stranger }), sqs('hello'))), 'InvalidAccessKeyId');
  assert.equal(hashed, 2);
});

test('a presigned URL is good until it expires, in both of its forms', async () => {
  const now = clock.now();
  const amzDate = amzDateAt(now);
  const scope = { date: amzDate.slice(0, 8), region: 'us-east-1', service: 's3' };
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${administrator.accessKeyId}%2F${scopeText(scope).replaceAll('/', '%2F')}&X-Amz-Date=${amzDate}&X-Amz-Expires=60&X-Amz-SignedHeaders=host`;
  const headers = { host: 'localhost:4566' };
  const canonical = canonicalRequest(
    { method: 'GET', path: '/pics/a', query, rawHeaders: ['host', headers.host] },
    { signedHeaders: ['host'], payloadHash: 'UNSIGNED-PAYLOAD', pathStyle: 's3' },
  );
  const newer = `/pics/a?${query}&X-Amz-Signature=${sign(signingKey('secret', scope), stringToSign(amzDate, scope, canonical))}`;

  const expires = String(now / 1000 + 60);
  const signable = { method: 'GET', path: '/pics/a', parameters: [], headers, bucketInHost: undefined };
  const olderSignature = encodeURIComponent(signV2('secret', stringToSignV2(signable, expires, '')));
  const older = `/pics/a?AWSAccessKeyId=${administrator.accessKeyId}&Expires=${expires}&Signature=${olderSignature}`;

  const later = new FakeClock(now);
  const check = createAuthenticate({ mode: 'serve', administrator, sessions, account, clock: later });
  for (const target of [newer, older]) {
    assert.equal((await check(requestOf({ target, headers }), s3)).principal.kind, 'administrator');
    assert.equal(
      (await check(requestOf({ target, headers: { ...headers, 'content-type': 'text/plain' } }), s3)).principal.kind,
      'administrator',
    );
    assert.equal(
      await reasonOf(check(requestOf({ target: target.replace('/a?', '/b?'), headers }), s3)),
      'SignatureDoesNotMatch',
    );
    assert.equal(
      await reasonOf(check(requestOf({ target, headers: { ...headers, 'x-amz-acl': 'public-read' } }), s3)),
      target === newer ? 'AccessDenied' : 'SignatureDoesNotMatch',
    );
  }
  await later.advance(60_001);
  for (const target of [newer, older])
    assert.equal(await reasonOf(check(requestOf({ target, headers }), s3)), 'AccessDenied');
  for (const bad of ['60', '604801', '-1', 'x']) {
    const target = newer
      .replace('X-Amz-Expires=60', `X-Amz-Expires=${bad}`)
      .replace(bad === '60' ? /X-Amz-Date=[^&]*&/ : /$/, '');
    assert.equal(await reasonOf(check(requestOf({ target, headers }), s3)), 'AuthorizationQueryParametersError');
  }
});

/** The example of https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html, with the bucket it long had. */
test("the older signature is the documented one's", () => {
  const request = { method: 'GET', path: '/photos/puppy.jpg', parameters: [], headers: {}, bucketInHost: 'johnsmith' };
  const text = stringToSignV2(request, '1175139620', '');
  assert.equal(signV2('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', text), 'NpgCjnDzrM+WFzoENXmpNDUsSn8=');
});

test('a credential of another region is refused, in S3 with the region to use', async () => {
  const headers = signed({ region: 'eu-west-1' });
  assert.equal((await authenticate(requestOf({ headers }), s3)).principal.kind, 'administrator');
  const here = { ...s3, region: 'us-east-1' };
  await assert.rejects(authenticate(requestOf({ headers }), here), {
    reason: 'AuthorizationHeaderMalformed',
    facts: { Region: 'us-east-1' },
  });
  assert.equal(
    await reasonOf(authenticate(requestOf({ headers }), { ...here, style: 'other' })),
    'SignatureDoesNotMatch',
  );
  assert.equal((await authenticate(requestOf({ headers: signed() }), here)).principal.kind, 'administrator');
});

test("a function's credentials work in its own environment, with its session token, until they expire", async () => {
  const session = sessions.issue(functionBearer(identity), clock.now() + 60_000);
  const headers = signed({ credentials: session });
  const { principal } = await authenticate(requestOf({ headers, environmentId }), s3);
  assert.deepEqual(principal, {
    kind: 'function',
    arn: 'arn:aws:sts::000000000000:assumed-role/resize/environment-1',
    accessKeyId: session.accessKeyId,
    ...identity,
  });
  assert.equal(await reasonOf(authenticate(requestOf({ headers }), s3)), 'AccessDenied');
  assert.equal(
    await reasonOf(authenticate(requestOf({ headers, environmentId: 'environment-2' as EnvironmentId }), s3)),
    'AccessDenied',
  );
  const { 'x-amz-security-token': _token, ...withoutToken } = headers;
  assert.equal(
    await reasonOf(authenticate(requestOf({ headers: withoutToken, environmentId }), s3)),
    'InvalidAccessKeyId',
  );
  const forged = { ...headers, 'x-amz-security-token': session.sessionToken.replace(/^..../, 'AQAB') };
  assert.equal(await reasonOf(authenticate(requestOf({ headers: forged, environmentId }), s3)), 'InvalidToken');
  const old = sessions.issue(functionBearer(identity), clock.now());
  assert.equal(
    await reasonOf(authenticate(requestOf({ headers: signed({ credentials: old }), environmentId }), s3)),
    'ExpiredToken',
  );
  const guessed = signed({ credentials: { ...session, secretAccessKey: 'guessed' } });
  assert.equal(
    await reasonOf(authenticate(requestOf({ headers: guessed, environmentId }), s3)),
    'SignatureDoesNotMatch',
  );
});

test('in dev, and from this machine alone, anything goes but what an environment or a foreign page sends', async () => {
  const dev = createAuthenticate({ mode: 'dev', administrator, sessions, account, clock });
  const wrong = signed({ credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  for (const remoteAddress of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '127.1.2.3']) {
    assert.equal((await dev(requestOf({ headers: wrong, remoteAddress }), s3)).principal.kind, 'administrator');
    assert.equal(
      (await dev(requestOf({ headers: { host: 'pics.localhost:4566' }, remoteAddress }), s3)).principal.account,
      account,
    );
  }
  const other = signed({ credentials: { accessKeyId: '123456789012', secretAccessKey: 'test' } });
  assert.equal(
    (await dev(requestOf({ headers: other, remoteAddress: '127.0.0.1' }), s3)).principal.account,
    '123456789012',
  );
  const here = { remoteAddress: '127.0.0.1' };
  assert.equal(
    await reasonOf(dev(requestOf({ headers: wrong, remoteAddress: '192.0.2.1' }), s3)),
    'InvalidAccessKeyId',
  );
  assert.equal(await reasonOf(dev(requestOf({ headers: wrong, environmentId, ...here }), s3)), 'InvalidAccessKeyId');
  assert.equal(
    await reasonOf(dev(requestOf({ headers: { host: 'localhost' }, environmentId, ...here }), s3)),
    'AccessDenied',
  );
  assert.equal(
    await reasonOf(dev(requestOf({ headers: { host: 'localhost', 'sec-fetch-site': 'cross-site' }, ...here }), s3)),
    'AccessDenied',
  );
  assert.equal(
    await reasonOf(dev(requestOf({ headers: { host: 'rebound.example:4566' }, ...here }), s3)),
    'AccessDenied',
  );
});
