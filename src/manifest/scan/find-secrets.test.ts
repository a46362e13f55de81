import assert from 'node:assert/strict';
import { generateKeyPairSync, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { findSecrets } from './find-secrets.ts';

const whatIn = (text: string): string[] => findSecrets(Buffer.from(text)).map(({ what }) => what);
/** Put together here, so that nobody's scanner finds them in this file. */
const upper = 'Q3ZT7XKW2LMBVN5R';
const mixed = 'k9Xw2QzLr7TbVn4Mc8JdHs6Yf3Pg5Ra1Ue0BxZqW';
const secretKey = `wJalr${mixed.slice(0, 35)}`;

const samples: readonly (readonly [string, string])[] = [
  [`AKIA${upper}`, 'an access key of AWS’s'],
  [`ASIA${upper}`, 'an access key of AWS’s'],
  [`aws_secret_access_key = ${secretKey}`, 'a secret access key of AWS’s'],
  [`const awsSecretKey: string = "${secretKey}"`, 'a secret access key of AWS’s'],
  [`AWS_SECRET=${secretKey}`, 'a secret access key of AWS’s'],
  [`ghp_${mixed.slice(0, 36)}`, 'a token of GitHub’s'],
  [`github_pat_${mixed}_${mixed.slice(0, 20)}`, 'a token of GitHub’s'],
  [`glpat-${mixed.slice(0, 20)}`, 'a token of GitLab’s'],
  [`xoxb-123456789012-${mixed.slice(0, 24)}`, 'a token of Slack’s'],
  [`https://hooks.slack.com/services/T0ABCDEFG/B0HIJKLMN/${mixed.slice(0, 24)}`, 'a webhook of Slack’s'],
  [`sk_live_${mixed.slice(0, 24)}`, 'a key of Stripe’s'],
  [`AIza${mixed.slice(0, 35)}`, 'a key of Google’s'],
  [`npm_${mixed.slice(0, 36)}`, 'a token of npm’s'],
  [`AccountKey=${mixed}${mixed.toLowerCase()}${mixed.slice(0, 6)}==`, 'a key of an Azure storage account'],
];

test('keys and tokens are found by their form, in quotes and out of them', () => {
  for (const [text, what] of samples)
    for (const around of [text, `key: '${text}',`, `const a = {"b":"${text}"};`])
      assert.deepEqual(whatIn(around), [what], around);
});

test('private keys of every kind are found, as a file and as one text', () => {
  const pems = [
    generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs1', format: 'pem' }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }),
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'sec1',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    }),
  ].map(String);
  for (const pem of pems)
    for (const text of [pem, JSON.stringify({ private_key: pem }), pem.replaceAll('\n', '\r\n')])
      assert.deepEqual(whatIn(text), ['a private key'], text.slice(0, 40));
  const quoted = String(pems[2])
    .trim()
    .split('\n')
    .map((line) => `  '${line}\\n' +`)
    .join('\n');
  assert.deepEqual(whatIn(quoted), ['a private key']);
  const publicKey = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
  assert.deepEqual(whatIn(String(publicKey)), []);
});

test('a signed token is found', () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: '1', name: 'somebody', iat: 1 })}`;
  const token = `${body}.${createHmac('sha256', 'k').update(body).digest('base64url')}`;
  assert.deepEqual(whatIn(`Bearer ${token}`), ['a signed token (JWT)']);
  assert.deepEqual(whatIn(`${body}.`), []);
});

test('what manuals print, what reads keys, and what only looks alike is let be', () => {
  const harmless = [
    `AKIA${'IOSFODNN7EXAMPLE'}`,
    `aws_secret_access_key = ${'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'}`,
    `-----BEGIN ${'PRIVATE KEY'}-----\n\${body}\n-----END PRIVATE KEY-----`,
    `if (pem.startsWith('-----BEGIN ${'RSA PRIVATE KEY'}-----')) return parse(pem);`,
    `ghp_${'x'.repeat(36)}`,
    `sk_live_${'0'.repeat(24)}`,
    `XAKIA${upper}`,
    `AKIA${upper}A`,
    'awsSecretAccessKey = process.env.AWS_SECRET_ACCESS_KEY',
    `sha1 of a secret: ${'da39a3ee5e6b4b0d3255bfef95601890afd80709'}`,
    'npm_config_registry, npm_lifecycle_event',
  ];
  for (const text of harmless) assert.deepEqual(whatIn(text), [], text);
});

test('each is said with its line and column, in the order of the text, and none of it', () => {
  const text = `// ü\nconst a = 'ghp_${mixed.slice(0, 36)}';\n\nAKIA${upper}\n`;
  assert.deepEqual(findSecrets(Buffer.from(text)), [
    { line: 2, column: 12, what: 'a token of GitHub’s' },
    { line: 4, column: 1, what: 'an access key of AWS’s' },
  ]);
});

test('a compiler’s code has none', () => {
  const compiler = new URL(import.meta.resolve('yaml')).pathname;
  assert.deepEqual(findSecrets(readFileSync(compiler)), []);
  assert.deepEqual(findSecrets(readFileSync(process.execPath)), [], 'Node.js itself reads keys');
});
