/** Users, roles and sessions as people have them: profiles of the `aws` command, a function that assumes a role, and what is left of it all after a kill. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { IAM } from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { STS } from '@aws-sdk/client-sts';
import { invokeFunction } from '../harness/api-client.ts';
import { awsClient } from '../harness/aws-client.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const run = promisify(execFile);
const account = '000000000000';
const policyOf = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const trusts = (principal: object): string =>
  policyOf({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' });

function hasAwsCommand(): boolean {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let mayfly: StartedMayfly;
let folder: string;
let iam: IAM;
/** The first user's keys. */
let alice: { accessKeyId: string; secretAccessKey: string };

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-identities-'));
  mayfly = await startMayfly();
  const probe = join(folder, 'probe');
  await cp(join(import.meta.dirname, '../harness/probe'), probe, { recursive: true });
  await mayfly.json('deploy', probe);
  const settings = awsClient(mayfly);
  iam = new IAM(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'reports' }));
  await s3.send(new PutObjectCommand({ Bucket: 'reports', Key: 'first', Body: 'x' }));
  await iam.createUser({ UserName: 'alice' });
  const mayAssume = policyOf({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: `arn:aws:iam::${account}:role/*` });
  await iam.putUserPolicy({ UserName: 'alice', PolicyName: 'assume', PolicyDocument: mayAssume });
  await iam.createRole({
    RoleName: 'reader',
    AssumeRolePolicyDocument: trusts({ AWS: `arn:aws:iam::${account}:root` }),
  });
  const mayRead = policyOf({ Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::reports' });
  await iam.putRolePolicy({ RoleName: 'reader', PolicyName: 'read', PolicyDocument: mayRead });
  const { AccessKey } = await iam.createAccessKey({ UserName: 'alice' });
  alice = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
});
after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('the aws command', { skip: !hasAwsCommand() && 'the aws command is not installed' }, () => {
  async function aws(profile: string, ...words: string[]): Promise<string> {
    const { stdout } = await run('aws', [...words, '--output', 'json'], {
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        AWS_CONFIG_FILE: join(folder, 'config'),
        AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
        AWS_PROFILE: profile,
        AWS_ENDPOINT_URL: mayfly.api,
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    });
    return stdout;
  }

  before(async () => {
    await writeFile(
      join(folder, 'credentials'),
      `[alice]\naws_access_key_id = ${alice.accessKeyId}\naws_secret_access_key = ${alice.secretAccessKey}\n`,
    );
    await writeFile(
      join(folder, 'config'),
      `[profile reader]\nrole_arn = arn:aws:iam::${account}:role/reader\nsource_profile = alice\nrole_session_name = at-work\n`,
    );
  });

  test('a profile with a role assumes it, and may what the role may', async () => {
    const who = JSON.parse(await aws('reader', 'sts', 'get-caller-identity')) as { Arn: string };
    assert.equal(who.Arn, `arn:aws:sts::${account}:assumed-role/reader/at-work`);
    assert.match(await aws('reader', 's3api', 'list-objects-v2', '--bucket', 'reports'), /"first"/);
    await assert.rejects(aws('alice', 's3api', 'list-objects-v2', '--bucket', 'reports'), /AccessDenied/);
    await assert.rejects(
      aws('reader', 's3api', 'list-buckets'),
      /AccessDenied.*assumed-role\/reader\/at-work.*s3:ListAllMyBuckets/s,
    );
  });
});

test('a function asks who it is, and assumes a role that trusts it, whose session is good outside of it too', async () => {
  const functionRole = `arn:aws:iam::${account}:role/probe`;
  await iam.createRole({ RoleName: 'for-probe', AssumeRolePolicyDocument: trusts({ AWS: functionRole }) });
  await iam.putRolePolicy({
    RoleName: 'for-probe',
    PolicyName: 'read',
    PolicyDocument: policyOf({ Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' }),
  });
  const code = `import re
ask = lambda action: send_signed_form(action)
tell(identity=ask("Action=GetCallerIdentity&Version=2011-06-15"), role=ask("Action=AssumeRole&Version=2011-06-15&RoleSessionName=on&RoleArn=arn%3Aaws%3Aiam%3A%3A000000000000%3Arole%2Ffor-probe"))`;
  const signed = `def send_signed_form(body):
    return signed("POST", "/", body=body.encode(), service="sts", headers={"content-type": "application/x-www-form-urlencoded"})["text"]
`;
  const invoked = await invokeFunction(mayfly, 'probe', { code: signed + code });
  assert.ok(invoked.payload !== undefined, JSON.stringify(invoked));
  const { identity, role } = invoked.payload as { identity: string; role: string };
  assert.match(identity, /<Arn>arn:aws:sts::000000000000:assumed-role\/probe\/[^<]+<\/Arn>/);
  const element = (name: string): string => new RegExp(`<${name}>([^<]+)</${name}>`).exec(role)?.[1] ?? '';
  const credentials = {
    accessKeyId: element('AccessKeyId'),
    secretAccessKey: element('SecretAccessKey'),
    sessionToken: element('SessionToken'),
  };
  const sts = new STS({ ...awsClient(mayfly), credentials });
  assert.equal((await sts.getCallerIdentity({})).Arn, `arn:aws:sts::${account}:assumed-role/for-probe/on`);
});

test('after a kill users, roles and sessions are as they were', async () => {
  const user = new STS({ ...awsClient(mayfly), credentials: alice });
  const { Credentials } = await user.assumeRole({
    RoleArn: `arn:aws:iam::${account}:role/reader`,
    RoleSessionName: 'before',
  });
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  mayfly = await mayfly.killAndRestart();
  const s3 = new S3Client({ ...awsClient(mayfly), credentials, forcePathStyle: true });
  assert.equal((await s3.send(new ListObjectsV2Command({ Bucket: 'reports' }))).KeyCount, 1);
  const again = new STS({ ...awsClient(mayfly), credentials: alice });
  assert.equal((await again.getCallerIdentity({})).Arn, `arn:aws:iam::${account}:user/alice`);
  const settled = new IAM(awsClient(mayfly));
  await settled.updateAccessKey({ UserName: 'alice', AccessKeyId: alice.accessKeyId, Status: 'Inactive' });
  await assert.rejects(again.getCallerIdentity({}), { name: 'InvalidClientTokenId' });
  await settled.deleteRolePolicy({ RoleName: 'reader', PolicyName: 'read' });
  await assert.rejects(s3.send(new ListObjectsV2Command({ Bucket: 'reports' })), { name: 'AccessDenied' });
  await settled.deleteRole({ RoleName: 'reader' });
  await assert.rejects(s3.send(new ListObjectsV2Command({ Bucket: 'reports' })), { name: 'InvalidToken' });
});
