import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from '../util/errors.ts';
import { parseWebhook } from './parse-webhook.ts';

const github = { kind: 'webhook', path: '/hooks', verify: { kind: 'github' }, secrets: ['SECRET'], form: 'request' };
const hmac = {
  kind: 'hmac',
  header: 'x-signature',
  algorithm: 'sha256',
  encoding: 'hex',
  prefix: '',
  signed: '{body}',
  toleranceMs: 300_000,
};

test('what the command line sends is read as it is', () => {
  for (const one of [
    github,
    { ...github, verify: hmac, form: 'body', transform: '{"a":"$.body.id","b":"<$.path>"}' },
    { ...github, verify: { ...hmac, signed: '{timestamp}.{body}', timestampHeader: 'x-time', idHeader: 'x-id' } },
    { ...github, verify: { kind: 'stripe', toleranceMs: 1_000 }, secrets: ['OLD', 'NEW'] },
  ])
    assert.deepEqual(parseWebhook(one, 'source'), one);
});

test('what is wrong is refused by the name of its field', () => {
  const wrong: readonly [string, Record<string, unknown>][] = [
    ['source.path', { ...github, path: '/hooks/{name}' }],
    ['source.path', { ...github, path: 'hooks' }],
    ['source.secrets', { ...github, secrets: [] }],
    ['source.secrets', { ...github, secrets: ['A', 'B', 'C', 'D'] }],
    ['source.secrets[0]', { ...github, secrets: ['whsec_not-a-name'] }],
    ['source.form', { ...github, form: 'text' }],
    ['source.verify', { ...github, verify: 'github' }],
    ['source.verify.kind', { ...github, verify: { kind: 'none' } }],
    ['source.verify.toleranceMs', { ...github, verify: { kind: 'slack', toleranceMs: 86_400_000 } }],
    ['source.verify.algorithm', { ...github, verify: { ...hmac, algorithm: 'md5' } }],
    ['source.verify.header', { ...github, verify: { ...hmac, header: 'X Signature' } }],
    ['source.verify.signed', { ...github, verify: { ...hmac, signed: 'nothing' } }],
    ['source.verify.signed', { ...github, verify: { ...hmac, timestampHeader: 'x-time' } }],
    ['source.transform', { ...github, form: 'body', transform: 'no JSON' }],
    ['source.transform', { ...github, form: 'body', transform: '{"a":"$.[*]"}' }],
    ['source.transform', { ...github, form: 'body', transform: `${'['.repeat(40)}${']'.repeat(40)}` }],
  ];
  for (const [field, one] of wrong) {
    assert.throws(
      () => parseWebhook(one, 'source'),
      (error) => error instanceof PlatformError && error.code === 'invalid_argument' && error.field === field,
      `${field} of ${JSON.stringify(one)}`,
    );
  }
});
