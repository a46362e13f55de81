/** `mayfly audit` on the whole platform: planted by AWS's own client, found with its path, and an exit code for CI. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const account = '000000000000';

type Report = {
  findings: { severity: string; kind: string; subject: string; path?: string[] }[];
  counts: Record<string, number>;
};

let mayfly: StartedMayfly;
const project = mkdtempSync(join(tmpdir(), 'mayfly-audit-'));
const at = () => {
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(mayfly.data, 'credentials');
  return { endpoint: mayfly.api, region: 'us-east-1' };
};

before(async () => {
  const manifest = `application: shop
functions:
  orders:
    runtime: python
    handler: orders.handler
    events: [{ http: POST /orders }]
    permissions:
      - { allow: ['sts:AssumeRole'], on: ['arn:aws:iam::${account}:role/boss'] }
`;
  writeFileSync(join(project, 'mayfly.yaml'), manifest);
  writeFileSync(join(project, 'orders.py'), 'def handler(event, context):\n    return "thanks"\n');
  mayfly = await startMayfly();
  await mayfly.json('deploy', project);
});
after(async () => {
  await mayfly[Symbol.asyncDispose]();
  rmSync(project, { recursive: true });
});

test('what is as it should be passes the gate', async () => {
  const { findings } = (await mayfly.json('audit', '--fail-on', 'low')) as Report;
  assert.deepEqual(findings, []);
});

test('the planted way from a public route to an administrator’s role fails it, and is shown step by step', async () => {
  const iam = new IAMClient(at());
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' }],
  };
  const policy = { RoleName: 'boss', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' };
  await iam.send(new CreateRoleCommand({ RoleName: 'boss', AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await iam.send(new AttachRolePolicyCommand(policy));
  const failed = await mayfly.json('audit', '--fail-on', 'high').then(
    () => assert.fail('nothing was found'),
    (error: { code: number; stdout: string }) => error,
  );
  assert.equal(failed.code, 1);
  const { findings, counts } = JSON.parse(failed.stdout) as Report;
  assert.deepEqual(findings.find(({ kind }) => kind === 'public-to-administrator')?.path, [
    'everybody',
    'POST /orders',
    'function/orders',
    'sts:AssumeRole',
    'role/boss',
    'may do everything',
    'administrator',
  ]);
  assert.ok((counts['critical'] ?? 0) >= 2);
  await iam.send(new DetachRolePolicyCommand(policy));
  await iam.send(new DeleteRoleCommand({ RoleName: 'boss' }));
  const after = (await mayfly.json('audit', '--fail-on', 'low')) as Report;
  assert.deepEqual(after.findings, []);
});

test('a queue for everybody is found by its policy', async () => {
  const sqs = new SQSClient(at());
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  const arn = `arn:aws:sqs:us-east-1:${account}:jobs`;
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: arn }];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const { findings } = (await mayfly.json('audit')) as Report;
  assert.deepEqual(
    findings.map(({ severity, kind, subject }) => [severity, kind, subject]),
    [['high', 'open-policy', arn]],
  );
});

test('a bucket for everybody is found by its policy', async () => {
  const s3 = new S3Client({ ...at(), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'pics' }));
  await s3.send(new DeletePublicAccessBlockCommand({ Bucket: 'pics' }));
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::pics/*' }];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'pics', Policy }));
  const { findings } = (await mayfly.json('audit')) as Report;
  assert.ok(findings.some(({ kind, subject }) => kind === 'open-policy' && subject === 'arn:aws:s3:::pics'));
});
