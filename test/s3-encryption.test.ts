/** Encrypted objects through the genuine SDK and the real platform: what lies on the disk, who reads it, and with which key. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  ListAliasesCommand,
} from '@aws-sdk/client-kms';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketEncryptionCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
  type GetObjectCommandInput,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { awsClient } from './harness/aws-client.ts';
import { filesOf } from './harness/files-of.ts';
import { echo, role, runtime, zipOf } from './harness/lambda-rig.ts';
import { startMayfly, type StartedMayfly } from './harness/start-mayfly.ts';

const Bucket = 'vault';
let mayfly: StartedMayfly;
let s3: S3Client;
let kms: KMSClient;
before(async () => {
  mayfly = await startMayfly();
  open();
  await s3.send(new CreateBucketCommand({ Bucket }));
});
after(() => mayfly[Symbol.asyncDispose]());

function open(): void {
  s3 = new S3Client({ ...awsClient(mayfly), forcePathStyle: true });
  kms = new KMSClient(awsClient(mayfly));
}

const md5 = (bytes: Uint8Array): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

const customerKey = () => {
  const key = randomBytes(32);
  return {
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: key.toString('base64'),
    SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
  };
};

const put = (Key: string, Body: Buffer, more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

async function read(Key: string, more: Partial<GetObjectCommandInput> = {}): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

async function isOnDisk(bytes: Buffer): Promise<boolean> {
  for await (const file of filesOf(mayfly.data)) if (file.bytes.includes(bytes)) return true;
  return false;
}

test('what is encrypted is not on the disk, is read whole and by ranges, and tells how it is encrypted', async () => {
  const customer = customerKey();
  const { KeyMetadata: { KeyId, Arn } = {} } = await kms.send(new CreateKeyCommand({}));
  const kinds = [
    { ask: { ServerSideEncryption: 'AES256' }, tell: { ServerSideEncryption: 'AES256' }, bring: {} },
    { ask: { ServerSideEncryption: 'aws:kms' }, tell: { ServerSideEncryption: 'aws:kms' }, bring: {} },
    {
      ask: { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyId },
      tell: { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: Arn },
      bring: {},
    },
    {
      ask: customer,
      tell: { SSECustomerAlgorithm: 'AES256', SSECustomerKeyMD5: customer.SSECustomerKeyMD5 },
      bring: customer,
    },
  ] as const;
  for (const { ask, tell, bring } of kinds) {
    const what = JSON.stringify(tell);
    const plain = Buffer.concat([randomBytes(100_000), Buffer.from('recognisable'), randomBytes(100_000)]);
    const stored = await put('a', plain, ask);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'a', ...bring }));
    for (const answer of [stored, head])
      for (const [name, value] of Object.entries(tell)) assert.equal(answer[name as 'ETag'], value, what);
    assert.equal(head.ContentLength, plain.length);
    assert.equal(stored.ETag === md5(plain), ask === kinds[0].ask, `the ETag of ${what}`);
    assert.deepEqual(await read('a', bring), plain, what);
    assert.deepEqual(await read('a', { ...bring, Range: 'bytes=65530-65545' }), plain.subarray(65_530, 65_546));
    assert.deepEqual(await read('a', { ...bring, Range: 'bytes=-7' }), plain.subarray(-7));
    assert.equal(await isOnDisk(plain.subarray(99_990, 100_020)), false, what);
    await put('empty', Buffer.alloc(0), ask);
    assert.equal((await read('empty', bring)).length, 0);
  }
  const open = Buffer.from(`open ${randomBytes(20).toString('hex')}`);
  await put('open', open);
  assert.equal(await isOnDisk(open), true, 'what is not encrypted is there, so the test can see');
  const { Aliases = [] } = await kms.send(new ListAliasesCommand({}));
  assert.deepEqual(
    Aliases.map(({ AliasName }) => AliasName),
    ['alias/aws/s3'],
  );
});

test('a key of the caller’s has to be brought, the same, and only where there is one', async () => {
  const customer = customerKey();
  await put('mine', Buffer.from('mine'), customer);
  await assert.rejects(read('mine'), {
    name: 'InvalidRequest',
    message: /stored using a form of Server Side Encryption/,
  });
  await assert.rejects(read('mine', customerKey()), { name: 'AccessDenied' });
  await put('open', Buffer.from('open'));
  await assert.rejects(read('open', customer), { name: 'InvalidRequest', message: /not applicable/ });
  await assert.rejects(put('bad', Buffer.from('x'), { ...customer, SSECustomerKey: 'AAAA' }), {
    name: 'InvalidArgument',
    message: /secret key was invalid/,
  });
  await assert.rejects(put('bad', Buffer.from('x'), { ServerSideEncryption: 'aws:kms:dsse' }), {
    name: 'NotImplemented',
  });
});

test('the policy and the state of a KMS key are asked at every reading', async () => {
  const { KeyMetadata: { KeyId } = {} } = await kms.send(new CreateKeyCommand({}));
  await put('locked', Buffer.from('locked'), { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyId });
  await kms.send(new DisableKeyCommand({ KeyId }));
  await assert.rejects(read('locked'), { name: 'KMS.DisabledException' });
  await kms.send(new EnableKeyCommand({ KeyId }));
  assert.equal((await read('locked')).toString(), 'locked');
  const shut = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::000000000000:user/nobody' },
      Action: 'kms:*',
      Resource: '*',
    },
  });
  const closed = await kms.send(new CreateKeyCommand({ Policy: shut, BypassPolicyLockoutSafetyCheck: true }));
  await assert.rejects(
    put('no', Buffer.from('x'), { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: closed.KeyMetadata?.KeyId }),
    { name: 'AccessDenied' },
  );
  await assert.rejects(put('no', Buffer.from('x'), { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/none' }), {
    name: 'KMS.NotFoundException',
  });
});

test('objects in parts are encrypted as their upload was begun, and copies as they ask', async () => {
  const customer = customerKey();
  for (const [ask, bring] of [
    [{ ServerSideEncryption: 'aws:kms' }, {}],
    [{ ServerSideEncryption: 'AES256' }, {}],
    [customer, customer],
  ] as const) {
    const Key = 'parts';
    const parts = [Buffer.alloc(5 * 1024 * 1024, randomBytes(64)), randomBytes(70_000)];
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...ask }));
    const Parts = await Promise.all(
      parts.map(async (Body, index) => {
        const PartNumber = index + 1;
        const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...bring }));
        return { ETag, PartNumber };
      }),
    );
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    const plain = Buffer.concat(parts);
    assert.ok((await read(Key, bring)).equals(plain));
    const Range = `bytes=${5 * 1024 * 1024 - 3}-${5 * 1024 * 1024 + 3}`;
    assert.deepEqual(await read(Key, { ...bring, Range }), plain.subarray(5 * 1024 * 1024 - 3, 5 * 1024 * 1024 + 4));
    assert.equal(await isOnDisk(parts[1]?.subarray(100, 200) ?? Buffer.alloc(0)), false);

    const source = {
      CopySource: `${Bucket}/${Key}`,
      ...(bring === customer && {
        CopySourceSSECustomerAlgorithm: customer.SSECustomerAlgorithm,
        CopySourceSSECustomerKey: customer.SSECustomerKey,
        CopySourceSSECustomerKeyMD5: customer.SSECustomerKeyMD5,
      }),
    };
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', ...source, ServerSideEncryption: 'AES256' }));
    assert.ok((await read('copy')).equals(plain));
    const upload = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'put together', ...ask }));
    const target = { Bucket, Key: 'put together', UploadId: upload.UploadId };
    const copied = await s3.send(new UploadPartCopyCommand({ ...target, PartNumber: 1, ...source, ...bring }));
    const single = { Parts: [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }] };
    await s3.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: single }));
    assert.ok((await read('put together', bring)).equals(plain));
  }
});

test('a bucket that encrypts does so without being asked, until it does not', async () => {
  await assert.rejects(s3.send(new GetBucketEncryptionCommand({ Bucket })), {
    name: 'ServerSideEncryptionConfigurationNotFoundError',
  });
  const { KeyMetadata: { Arn } = {} } = await kms.send(new CreateKeyCommand({}));
  for (const [method, told] of [
    [{ SSEAlgorithm: 'AES256' }, { ServerSideEncryption: 'AES256' }],
    [
      { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: Arn },
      { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: Arn, BucketKeyEnabled: true },
    ],
  ] as const) {
    const BucketKeyEnabled = method.SSEAlgorithm === 'aws:kms';
    const configuration = { Rules: [{ ApplyServerSideEncryptionByDefault: method, BucketKeyEnabled }] };
    await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: configuration }));
    assert.deepEqual(
      (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration,
      configuration,
    );
    const plain = randomBytes(100);
    const stored = await put('of its own', plain);
    for (const [name, value] of Object.entries(told)) assert.equal(stored[name as 'ETag'], value);
    assert.equal(await isOnDisk(plain), false);
    assert.deepEqual(await read('of its own'), plain);
  }
  await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
  assert.equal((await put('open again', Buffer.from('x'))).ServerSideEncryption, undefined);
});

test("a function's code is read from a bucket as who deploys it", async () => {
  await put('code.zip', Buffer.from(await zipOf(echo)), { ServerSideEncryption: 'aws:kms' });
  const lambda = new LambdaClient(awsClient(mayfly));
  const { CodeSize } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'sealed',
      Runtime: runtime,
      Handler: 'index.handler',
      Role: role,
      Code: { S3Bucket: Bucket, S3Key: 'code.zip' },
    }),
  );
  assert.ok((CodeSize ?? 0) > 0);
  lambda.destroy();
});

test('after a kill, a restart and a new master key, all of it is read as before', async () => {
  const plain = randomBytes(1_000);
  const kinds = [{ ServerSideEncryption: 'AES256' }, { ServerSideEncryption: 'aws:kms' }] as const;
  for (const kind of kinds) await put(`kept ${kind.ServerSideEncryption}`, plain, kind);
  await mayfly.json('keys', 'rotate');
  mayfly = await mayfly.killAndRestart();
  open();
  for (const kind of kinds) assert.deepEqual(await read(`kept ${kind.ServerSideEncryption}`), plain);
});
