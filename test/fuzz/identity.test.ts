/** What strangers say of themselves, and what anybody with an account writes about who may: signatures and policies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from '../../src/identity/evaluate.ts';
import { askerKeys } from '../../src/identity/asker-keys.ts';
import { createAuthenticate } from '../../src/identity/authenticate.ts';
import { keysAsked, parsePolicyDocument, type PolicyDocument } from '../../src/identity/policy-document.ts';
import type { Asker } from '../../src/identity/principal-element.ts';
import { parseClaim } from '../../src/identity/signature-claim.ts';
import { signRequest } from '../../src/identity/sign.ts';
import type { HttpRequest } from '../../src/util/http.ts';
import { type AccountId, randomIds } from '../../src/util/ids.ts';
import { createTemporaryCredentials } from '../../src/identity/temporary-credentials.ts';
import { FakeClock } from '../../src/util/fake-clock.ts';
import { fuzz } from './fuzz.ts';

const account = '000000000000' as AccountId;
const administrator = { accessKeyId: 'AKIAADMINISTRATOR123', secretAccessKey: 'secret' };
const clock = new FakeClock();

const authenticate = createAuthenticate({
  mode: 'serve',
  administrator,
  sessions: createTemporaryCredentials(Buffer.alloc(32, 1), randomIds),
  account,
  clock,
});

/** A request as text: its line, its headers. What is no such thing is undefined. */
function parseRequest(text: string): HttpRequest | undefined {
  const [first = '', ...lines] = text.split('\n');
  const [method = '', target = ''] = first.split(' ');
  const rawHeaders = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 1 ? [] : [line.slice(0, colon).toLowerCase(), line.slice(colon + 1)];
  });
  if (method === '' || !target.startsWith('/')) return undefined;
  const [path = '', ...query] = target.split('?');
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return {
    method,
    target,
    path,
    query: query.join('?'),
    headers,
    rawHeaders,
    body: (async function* () {})(),
    remoteAddress: '192.0.2.1',
    signal: new AbortController().signal,
    sendContinue: () => undefined,
  };
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** What a signature of S3 covers, as it is understood. */
const meaning = ({ method, path, query, headers }: HttpRequest): unknown => ({
  method,
  path: decoded(path),
  query: query
    .split('&')
    .filter((part) => part !== '' && !part.startsWith('X-Amz-Signature='))
    .map((part) => decoded(part.includes('=') ? part : `${part}=`))
    .sort(),
  headers: Object.fromEntries(
    ['host', 'x-amz-date', 'x-amz-content-sha256', 'x-amz-meta-a'].map((name) => [
      name,
      headers[name]?.trim().replaceAll(/\s+/g, ' '),
    ]),
  ),
});

const signedText = (target: string, service: string): string => {
  const [path = '', query = ''] = target.split('?');
  const headers = signRequest(
    { method: 'GET', path, query, headers: { host: 'localhost:4566', 'x-amz-meta-a': 'b c' } },
    administrator,
    { region: 'us-east-1', service, nowMs: clock.now() },
  );
  return [`GET ${target}`, ...Object.entries(headers).map(([name, value]) => `${name}:${value}`)].join('\n');
};

test('a signature counts for what was signed, and for nothing else', async () => {
  const genuine = signedText('/pics/a%20b?x=1&list-type=2', 's3');
  const meant = meaning(parseRequest(genuine) ?? assert.fail('the genuine one is a request'));
  let accepted = 0;
  const { outcomes } = await fuzz({
    corpus: [
      genuine,
      'GET /pics/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAADMINISTRATOR123%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00\nhost:x',
      'GET /pics/a?AWSAccessKeyId=AKIAADMINISTRATOR123&Signature=x&Expires=99999999999\nhost:x',
      'GET /\nauthorization:AWS4-ECDSA-P256-SHA256 Credential=x\nhost:x',
      'GET /\nauthorization:AWS AKIAADMINISTRATOR123:x\nhost:x',
    ],
    words: [
      '\n',
      '&',
      '=',
      '%2F',
      '%',
      '/',
      '..',
      'x-amz-date:',
      'authorization:',
      'Signature=',
      'SignedHeaders=',
      ';host',
      ',',
      ' ',
      '\t',
      'AWS4-HMAC-SHA256',
      'X-Amz-Expires=604800',
      '?',
      'UNSIGNED-PAYLOAD',
      'x-amz-security-token:a',
    ],
    async run(input) {
      const text = input.toString('latin1');
      const request = parseRequest(text);
      if (request === undefined) return 'no request';
      parseClaim(request);
      const { principal } = await authenticate(request, {
        signingNames: ['s3'],
        style: 's3',
        bodyHash: () => Promise.reject(new Error('S3 has its hash in a header')),
      });
      assert.equal(principal.kind, 'administrator');
      assert.deepEqual(meaning(request), meant, 'it was accepted, and nobody signed it');
      accepted += 1;
      return 'accepted';
    },
  });
  assert.ok(accepted > 0 && outcomes > 5);
});

const askers: readonly Asker[] = [
  {
    kind: 'principal',
    principal: { kind: 'administrator', account, arn: `arn:aws:iam::${account}:root`, accessKeyId: 'x' },
  },
  {
    kind: 'principal',
    principal: {
      kind: 'user',
      account,
      arn: `arn:aws:iam::${account}:user/a`,
      accessKeyId: 'x',
      userName: 'a',
      userId: 'AIDAX',
    },
  },
  { kind: 'principal', principal: { kind: 'anonymous', account, arn: '*', accessKeyId: '' } },
  {
    kind: 'service',
    service: 'sns.amazonaws.com',
    sourceArn: 'arn:aws:sns:us-east-1:000000000000:news',
    sourceAccount: account,
  },
  { kind: 'federated', provider: 'accounts.google.com' },
];

const documents = [
  { Version: '2012-10-17', Statement: [{ Sid: 'a', Effect: 'Allow', Action: ['s3:Get*', 'sqs:*'], Resource: '*' }] },
  {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      NotAction: 'iam:*',
      NotResource: 'arn:aws:s3:::secret/*',
      Condition: {
        StringLike: { 'aws:username': '${aws:username}*' },
        DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' },
      },
    },
  },
  {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Principal: { AWS: '000000000000', Service: 'sns.amazonaws.com' },
        Action: '*',
        Resource: 'arn:aws:sqs:*:*:${aws:PrincipalTag/team, "none"}',
        Condition: {
          'ForAllValues:StringEqualsIfExists': { 'aws:TagKeys': ['a', 'b'] },
          IpAddress: { 'aws:SourceIp': '10.0.0.0/8' },
          Null: { 'aws:x': 'true' },
          NumericLessThan: { 's3:max-keys': '10' },
          Bool: { 'aws:SecureTransport': 'false' },
          ArnLike: { 'aws:SourceArn': 'arn:aws:*' },
          BinaryEquals: { k: 'YQ==' },
        },
      },
    ],
  },
  {
    Version: '2008-10-17',
    Id: 'x',
    Statement: [
      {
        Effect: 'Allow',
        NotPrincipal: { AWS: ['*'] },
        Action: 's3:?et',
        Resource: ['arn:aws:s3:::a', 'arn:aws:s3:::a/*'],
      },
    ],
  },
].map((document) => JSON.stringify(document));

test('policies: what can be read decides without fail, and a denial of everything always wins', async () => {
  const keys: Readonly<Record<string, string | readonly string[]>> = {
    'aws:sourceip': '10.1.2.3',
    'aws:currenttime': '2026-01-01T00:00:00Z',
    'aws:tagkeys': ['a', 'c'],
    's3:max-keys': '5',
    'aws:securetransport': 'false',
  };
  const denial = parsePolicyDocument(
    '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}',
    'identity',
  );
  const everything = parsePolicyDocument(
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
    'identity',
  );
  let read = 0;
  const { outcomes } = await fuzz({
    corpus: documents,
    words: [
      '"',
      '*',
      '?',
      '${',
      '}',
      '${*}',
      '${$}',
      '${aws:username}',
      '**************',
      '"NotAction":',
      '"Null"',
      'ForAnyValue:',
      'IfExists',
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '0.0.0.0/0',
      '::/0',
      '1e999',
      '"Effect":"Deny"',
      '__proto__',
      'constructor',
      '\\u0000',
      '[['.repeat(80),
    ],
    run(input, random) {
      const text = input.toString('utf8');
      const kind = (['identity', 'resource', 'trust'] as const)[random(3)] ?? 'identity';
      const document: PolicyDocument = parsePolicyDocument(text, kind);
      read += 1;
      keysAsked(document);
      const said = askers.map((asker) => {
        const known = askerKeys(asker, keys);
        const request = { action: 's3:GetObject', resource: 'arn:aws:s3:::secret/a*b', asker, keys: known };
        const verdict = evaluate(
          request,
          { identity: kind === 'identity' ? [document] : [] },
          kind === 'resource' ? { document } : {},
        );
        const denied = evaluate(request, { identity: [document, denial] }, {});
        assert.equal(denied.decision, 'denied');
        const bounded = evaluate(request, { identity: [everything], boundary: document }, {});
        const own = evaluate(request, { identity: [document] }, {});
        if (asker.kind === 'principal' && asker.principal.kind === 'user')
          assert.equal(
            bounded.decision === 'allowed',
            own.decision === 'allowed',
            'a boundary of everything but it is it',
          );
        return verdict.decision[0];
      });
      return `${kind} ${said.join('')}`;
    },
  });
  assert.ok(read > 0 && outcomes > 8);
});
