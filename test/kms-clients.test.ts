/** Every operation of KMS through boto3 and the `aws` command, and beside moto's server: where the two differ, KMS's page is right. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createKmsService } from '../src/aws/kms/kms.ts';
import { openKmsRig } from './harness/kms-rig.ts';
import { hasPythonModule } from './harness/has-python-module.ts';
import { startMoto } from './harness/start-moto.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'harness/kms_clients.py');
const runMs = 240_000;

const missing = hasPythonModule('boto3') && hasPythonModule('awscli') ? false : 'boto3 and awscli are not installed';

async function walk(client: string, environment: NodeJS.ProcessEnv): Promise<Map<string, string>> {
  const { stdout } = await run('python3', [script, client], { env: environment, timeout: runMs });
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, string]),
  );
}

const api = (page: string): string => `https://docs.aws.amazon.com/kms/latest/APIReference/API_${page}`;

/** What moto does otherwise, and the page that is right. */
const motoDiffers: Readonly<Record<string, { moto: string; here: string; page: string }>> = {
  encrypt: {
    moto: 'ok without EncryptionAlgorithm',
    here: 'ok SYMMETRIC_DEFAULT',
    page: api('Encrypt.html#API_Encrypt_ResponseSyntax'),
  },
  'decrypt with another key': {
    moto: 'AccessDeniedException',
    here: 'IncorrectKeyException',
    page: api('Decrypt.html#API_Decrypt_Errors'),
  },
  'a pair': { moto: '500', here: 'ok ECC_NIST_P256', page: api('GenerateDataKeyPair.html') },
  'a pair unseen': { moto: '500', here: 'ok False', page: api('GenerateDataKeyPairWithoutPlaintext.html') },
  'verify another RSASSA_PSS_SHA_256': {
    moto: 'ok',
    here: 'KMSInvalidSignatureException',
    page: api('Verify.html#API_Verify_Errors'),
  },
  'verify another RSASSA_PKCS1_V1_5_SHA_512': {
    moto: 'ok',
    here: 'KMSInvalidSignatureException',
    page: api('Verify.html#API_Verify_Errors'),
  },
  'sign as a curve does': {
    moto: 'ValidationException',
    here: 'InvalidKeyUsageException',
    page: api('Sign.html#API_Sign_Errors'),
  },
  'sign with what encrypts': {
    moto: 'ValidationException',
    here: 'InvalidKeyUsageException',
    page: api('Sign.html#API_Sign_Errors'),
  },
  'encrypt with what signs': {
    moto: 'ok',
    here: 'InvalidKeyUsageException',
    page: api('Encrypt.html#API_Encrypt_Errors'),
  },
  'its public half': {
    moto: 'ok without KeySpec',
    here: "ok ('RSA_2048', 'SIGN_VERIFY', 294)",
    page: api('GetPublicKey.html#API_GetPublicKey_ResponseSyntax'),
  },
  'the public half of what has none': {
    moto: 'ok',
    here: 'UnsupportedOperationException',
    page: api('GetPublicKey.html#API_GetPublicKey_Errors'),
  },
  'what it agrees with': {
    moto: 'ok without KeyAgreementAlgorithms',
    here: "ok ['ECDH']",
    page: api('GetPublicKey.html#API_GetPublicKey_ResponseSyntax'),
  },
  agree: { moto: '500', here: 'ok 32', page: api('DeriveSharedSecret.html') },
  'create without a usage': {
    moto: 'ok',
    here: 'ValidationException',
    page: api('CreateKey.html#KMS-CreateKey-request-KeyUsage'),
  },
  'create what does not fit': {
    moto: 'ok',
    here: 'ValidationException',
    page: api('CreateKey.html#KMS-CreateKey-request-KeyUsage'),
  },
  'no policy': {
    moto: 'ok',
    here: 'MalformedPolicyDocumentException',
    page: api('PutKeyPolicy.html#API_PutKeyPolicy_Errors'),
  },
  'rotate a pair': {
    moto: 'ok',
    here: 'UnsupportedOperationException',
    page: api('EnableKeyRotation.html#API_EnableKeyRotation_Errors'),
  },
  'use it': { moto: 'ok', here: 'DisabledException', page: api('Encrypt.html#API_Encrypt_Errors') },
  'delete at once': {
    moto: 'ok',
    here: 'ValidationException',
    page: api('ScheduleKeyDeletion.html#KMS-ScheduleKeyDeletion-request-PendingWindowInDays'),
  },
  'delete it': {
    moto: 'ok without KeyState',
    here: 'ok PendingDeletion',
    page: api('ScheduleKeyDeletion.html#API_ScheduleKeyDeletion_ResponseSyntax'),
  },
  'use it before it goes': {
    moto: 'ok',
    here: 'KMSInvalidStateException',
    page: api('Encrypt.html#API_Encrypt_Errors'),
  },
  'switch it on before it goes': {
    moto: 'ok',
    here: 'KMSInvalidStateException',
    page: api('EnableKey.html#API_EnableKey_Errors'),
  },
  'delete it again': {
    moto: 'ok',
    here: 'KMSInvalidStateException',
    page: api('ScheduleKeyDeletion.html#API_ScheduleKeyDeletion_Errors'),
  },
  'keep it again': {
    moto: 'ok',
    here: 'KMSInvalidStateException',
    page: api('CancelKeyDeletion.html#API_CancelKeyDeletion_Errors'),
  },
  // There is one region here.
  'another region': {
    moto: 'ok',
    here: 'UnsupportedOperationException',
    page: api('CreateKey.html#API_CreateKey_Errors'),
  },
};

test(
  'boto3 drives every operation, and agrees with what moto does, or a page says why not',
  { skip: missing },
  async (t) => {
    await using rig = await openKmsRig();
    const here = await walk('boto3', rig.environment);
    assert.deepEqual(rig.errors, []);
    await using moto = await startMoto();
    if (moto === undefined) {
      t.skip('moto is not installed');
      return;
    }
    const there = await walk('boto3', { ...rig.environment, AWS_ENDPOINT_URL: moto.url });
    const differing = [...here].filter(([step, outcome]) => there.get(step) !== outcome);
    assert.deepEqual(
      Object.fromEntries(differing.map(([step, outcome]) => [step, { moto: there.get(step), here: outcome }])),
      Object.fromEntries(Object.entries(motoDiffers).map(([step, { page: _page, ...outcomes }]) => [step, outcomes])),
    );
  },
);

test('the aws command comes to the same as boto3', { skip: missing }, async () => {
  await using rig = await openKmsRig();
  await using fresh = await openKmsRig();
  const [boto3, typed] = await Promise.all([walk('boto3', rig.environment), walk('aws', fresh.environment)]);
  assert.deepEqual([...typed], [...boto3]);
});

test('the clients drive every operation that is built, and the reference names each', () => {
  const { operations } = createKmsService({} as Parameters<typeof createKmsService>[0]);
  const driven = readFileSync(script, 'utf8');
  const reference = readFileSync(join(import.meta.dirname, '../docs/reference/kms.md'), 'utf8');
  const rows = reference.split('\n').filter((line) => line.startsWith('| '));
  for (const [name, entry] of Object.entries(operations)) {
    const row = rows.find((line) => new RegExp(`\\b${name}\\b`).test(line.split(' | ')[0] ?? ''));
    assert.ok(row !== undefined, `kms.md has ${name}`);
    assert.equal(entry === 'not built', row.includes('| gap'), name);
    assert.ok(entry === 'not built' || driven.includes(`"${name}"`), `${name} is driven`);
  }
});
