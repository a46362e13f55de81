/** Who may use a bucket by its policy: users of its account, of others, and everybody; through the official SDK, signed and not. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { S3 } from '@aws-sdk/client-s3';
import { SQS } from '@aws-sdk/client-sqs';
import { awsClient } from './harness/aws-client.ts';
import { plantIdentities } from './harness/plant-identities.ts';
import { startMayfly, type StartedMayfly } from './harness/start-mayfly.ts';

const ours = '000000000000';
const theirs = '111111111111';
const Bucket = 'album';
const arn = `arn:aws:s3:::${Bucket}`;

const document = (...Statement: readonly object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
const allowAll = document({ Effect: 'Allow', Action: '*', Resource: '*' });

const folder = await mkdtemp(join(tmpdir(), 'mayfly-policies-'));
let mayfly: StartedMayfly;
let owner: S3;
/** Of our account: may everything, and nothing. */
let colleague: S3;
let intern: S3;
/** Of another account. */
let guest: S3;
let powerlessGuest: S3;
const clients: S3[] = [];

before(async () => {
  const users = await plantIdentities(folder, {
    colleague: { account: ours, policy: allowAll },
    intern: { account: ours },
    guest: { account: theirs, policy: allowAll },
    'powerless-guest': { account: theirs },
  });
  mayfly = await startMayfly({ data: folder });
  const settings = { ...awsClient(mayfly), forcePathStyle: true };
  const clientOf = (name?: string): S3 => {
    const credentials = name === undefined ? undefined : users[name];
    const client = new S3({ ...settings, ...(credentials !== undefined && { credentials }) });
    clients.push(client);
    return client;
  };
  owner = clientOf();
  [colleague, intern, guest, powerlessGuest] = ['colleague', 'intern', 'guest', 'powerless-guest'].map(clientOf) as [
    S3,
    S3,
    S3,
    S3,
  ];
  await owner.createBucket({ Bucket });
  await owner.putObject({ Bucket, Key: 'open/cat', Body: 'meow', Tagging: 'shared=yes' });
  await owner.putObject({ Bucket, Key: 'open/dog', Body: 'woof' });
});
after(async () => {
  for (const client of clients) client.destroy();
  await mayfly[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const denied = { name: 'AccessDenied' };
const put = (...statements: readonly object[]): Promise<unknown> =>
  owner.putBucketPolicy({ Bucket, Policy: document(...statements) });
const read = (client: S3, Key: string): Promise<string> =>
  client.getObject({ Bucket, Key }).then(({ Body }) => Body?.transformToString() ?? '');
const unsigned = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${mayfly.api}/${path}`, init);
const statusOf = async (path: string, init?: RequestInit): Promise<number> => {
  const response = await unsigned(path, init);
  await response.arrayBuffer();
  return response.status;
};

const allow = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${arn}/open/*` };
const user = (name: string, account = ours): object => ({ AWS: `arn:aws:iam::${account}:user/${name}` });
const nobody = { ...allow, Principal: user('intern'), Resource: `${arn}/nothing` };

test('a policy lets in a user of its account who may nothing himself, and keeps out one who may everything', async () => {
  await assert.rejects(read(intern, 'open/cat'), denied);
  await put(
    { ...allow, Principal: user('intern') },
    { Effect: 'Deny', Principal: user('colleague'), Action: 's3:*', Resource: [arn, `${arn}/*`] },
  );
  assert.equal(await read(intern, 'open/cat'), 'meow');
  await assert.rejects(intern.putObject({ Bucket, Key: 'open/cat', Body: 'x' }), denied);
  await assert.rejects(read(colleague, 'open/cat'), { ...denied, message: /explicit deny in a resource-based policy/ });
  await put(nobody);
  assert.equal(await read(colleague, 'open/cat'), 'meow');
});

test('whoever a policy keeps out of everything, the account itself can change it', async () => {
  await put({ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [arn, `${arn}/*`] });
  await assert.rejects(read(owner, 'open/cat'), denied);
  await assert.rejects(colleague.deleteBucketPolicy({ Bucket }), denied);
  assert.match((await owner.getBucketPolicy({ Bucket })).Policy ?? '', /"Deny"/);
  await owner.deleteBucketPolicy({ Bucket });
  assert.equal(await read(owner, 'open/cat'), 'meow');
  await assert.rejects(owner.getBucketPolicy({ Bucket }), { name: 'NoSuchBucketPolicy' });
  await assert.rejects(owner.getBucketPolicyStatus({ Bucket }), { name: 'NoSuchBucketPolicy' });
  await owner.deleteBucketPolicy({ Bucket });
});

test('somebody of another account needs both the policy and his own', async () => {
  await assert.rejects(read(guest, 'open/cat'), { name: 'NoSuchBucket' });
  await put({ ...allow, Principal: { AWS: theirs } });
  assert.equal(await read(guest, 'open/cat'), 'meow');
  await assert.rejects(read(powerlessGuest, 'open/cat'), denied);
  await assert.rejects(guest.listObjectsV2({ Bucket }), denied);
  await assert.rejects(guest.deleteBucket({ Bucket }), denied);

  await put({ Effect: 'Allow', Principal: { AWS: theirs }, Action: 's3:*', Resource: [arn, `${arn}/*`] });
  await assert.rejects(guest.getBucketPolicy({ Bucket }), { name: 'MethodNotAllowed' });
  await assert.rejects(guest.putBucketPolicy({ Bucket, Policy: document(nobody) }), { name: 'MethodNotAllowed' });
  await guest.putObject({ Bucket, Key: 'open/gift', Body: 'thanks' });
  assert.equal(await read(owner, 'open/gift'), 'thanks');
  const { Owner } = await owner.listBuckets({});
  const { Contents = [] } = await guest.listObjectsV2({ Bucket, Prefix: 'open/gift', FetchOwner: true });
  assert.deepEqual(Contents[0]?.Owner?.ID, Owner?.ID);
  await put(nobody);
});

test('what S3’s own key encrypts is for the bucket’s account alone, whoever a policy lets in', async () => {
  await owner.putObject({ Bucket, Key: 'open/sealed', Body: 'sealed', ServerSideEncryption: 'aws:kms' });
  await owner.deletePublicAccessBlock({ Bucket });
  await put(allow);
  assert.equal(await read(owner, 'open/sealed'), 'sealed');
  assert.equal(await read(guest, 'open/cat'), 'meow');
  await assert.rejects(read(guest, 'open/sealed'), { ...denied, message: /kms:Decrypt/ });
  assert.equal(await statusOf(`${Bucket}/open/cat`), 200);
  assert.equal(await statusOf(`${Bucket}/open/sealed`), 403);
  await owner.deleteObject({ Bucket, Key: 'open/sealed' });
  await put(nobody);
  await owner.putPublicAccessBlock({
    Bucket,
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
});

test('a name means the own bucket first, and the expected owner is held to it', async () => {
  await put({ ...allow, Principal: { AWS: theirs } });
  await read(guest, 'open/cat');
  await guest.createBucket({ Bucket });
  await guest.putObject({ Bucket, Key: 'open/cat', Body: 'miau' });
  assert.equal(await read(guest, 'open/cat'), 'miau');
  assert.equal(await read(owner, 'open/cat'), 'meow');
  await assert.rejects(guest.getObject({ Bucket, Key: 'open/cat', ExpectedBucketOwner: ours }), denied);
  await guest.getObject({ Bucket, Key: 'open/cat', ExpectedBucketOwner: theirs });
  await guest.deleteObject({ Bucket, Key: 'open/cat' });
  await guest.deleteBucket({ Bucket });
  assert.equal(await read(guest, 'open/cat'), 'meow');
  await guest.getObject({ Bucket, Key: 'open/cat', ExpectedBucketOwner: ours });
  await assert.rejects(guest.getObject({ Bucket, Key: 'open/cat', ExpectedBucketOwner: theirs }), denied);
  await put(nobody);
});

test('a copy reads in one account and writes in the other', async () => {
  await guest.createBucket({ Bucket: 'copies' });
  const copy = { Bucket: 'copies', Key: 'cat', CopySource: `${Bucket}/open/cat` };
  await assert.rejects(guest.copyObject(copy), denied);
  await put({ ...allow, Principal: { AWS: theirs } });
  await guest.copyObject({ ...copy, ExpectedSourceBucketOwner: ours });
  await assert.rejects(guest.copyObject({ ...copy, ExpectedSourceBucketOwner: theirs }), denied);
  const { Body } = await guest.getObject({ Bucket: 'copies', Key: 'cat' });
  assert.equal(await Body?.transformToString(), 'meow');
  await assert.rejects(
    guest.copyObject({ Bucket, Key: 'open/back', CopySource: 'copies/cat' }),
    denied,
    'reading is not writing',
  );
  await put(nobody);
});

test('a public policy is refused until the block is taken away, and then everybody is let in', async () => {
  await assert.rejects(put(allow), { ...denied, message: /BlockPublicPolicy/ });
  const on = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  };
  assert.deepEqual((await owner.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration, on);
  assert.equal(await statusOf(`${Bucket}/open/cat`), 403);

  await owner.putPublicAccessBlock({
    Bucket,
    PublicAccessBlockConfiguration: { ...on, BlockPublicPolicy: false },
  });
  await put(allow, { ...allow, Principal: { AWS: theirs }, Action: 's3:ListBucket', Resource: arn });
  assert.equal((await owner.getBucketPolicyStatus({ Bucket })).PolicyStatus?.IsPublic, true);
  // Restricted: neither everybody nor the other account, though that one is named.
  assert.equal(await statusOf(`${Bucket}/open/cat`), 403);
  await assert.rejects(guest.listObjectsV2({ Bucket }), denied);
  assert.equal(await read(intern, 'open/cat'), 'meow');

  await owner.deletePublicAccessBlock({ Bucket });
  await assert.rejects(owner.getPublicAccessBlock({ Bucket }), { name: 'NoSuchPublicAccessBlockConfiguration' });
  const response = await unsigned(`${Bucket}/open/cat`);
  assert.equal(response.status, 200);
  assert.equal(await response.text(), 'meow');
  await guest.listObjectsV2({ Bucket });
  assert.equal(await read(powerlessGuest, 'open/cat').catch(({ name }: Error) => name), 'AccessDenied');

  await owner.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: on });
  assert.equal(await statusOf(`${Bucket}/open/cat`), 403);
  await put(nobody);
  await owner.deletePublicAccessBlock({ Bucket });
  assert.equal((await owner.getBucketPolicyStatus({ Bucket })).PolicyStatus?.IsPublic, false);
});

test('who does not sign may what the policy lets everybody do, and nothing that only an account does', async () => {
  await owner.deletePublicAccessBlock({ Bucket });
  await put(allow, { ...allow, Action: 's3:*', Resource: [arn, `${arn}/drop/*`] });
  assert.equal(await statusOf(`${Bucket}/open/dog`, { method: 'HEAD' }), 200);
  assert.equal(await statusOf(`${Bucket}?list-type=2`), 200);
  assert.equal(await statusOf(`${Bucket}/drop/note`, { method: 'PUT', body: 'hello' }), 200);
  assert.equal(await read(owner, 'drop/note'), 'hello');
  assert.equal(await statusOf(`${Bucket}/closed/note`, { method: 'PUT', body: 'hello' }), 403);
  const form = (key: string): FormData => {
    const data = new FormData();
    data.set('key', key);
    data.set('file', 'by form');
    return data;
  };
  assert.equal(await statusOf(Bucket, { method: 'POST', body: form('drop/form') }), 204);
  assert.equal(await read(owner, 'drop/form'), 'by form');
  assert.equal(await statusOf(Bucket, { method: 'POST', body: form('closed/form') }), 403);
  assert.equal(await statusOf(`${Bucket}/drop/note`, { method: 'DELETE' }), 204);
  for (const [path, method] of [
    ['', 'GET'],
    ['another', 'PUT'],
    [`${Bucket}?policy`, 'GET'],
    [`${Bucket}?policy`, 'DELETE'],
    [`${Bucket}?publicAccessBlock`, 'DELETE'],
    [`${Bucket}/drop/big?uploads`, 'POST'],
    [Bucket, 'DELETE'],
    ['nowhere/at-all', 'GET'],
  ] as const)
    assert.equal(await statusOf(path, { method }), 403, `${method} ${path}`);
  assert.equal(await statusOf(`${Bucket}/open/dog`, { headers: { authorization: 'AWS4-HMAC-SHA256 nonsense' } }), 400);
  await put(nobody);
});

test('conditions ask for headers, tags and prefixes', async () => {
  const intern_ = { ...allow, Principal: user('intern') };
  const when = (Action: string, Resource: string, Condition: object): object => ({
    ...intern_,
    Action,
    Resource,
    Condition,
  });
  await put(
    when('s3:GetObject', `${arn}/*`, { StringEquals: { 's3:ExistingObjectTag/shared': 'yes' } }),
    when('s3:ListBucket', arn, {
      StringLike: { 's3:prefix': 'open/*' },
      NumericLessThanEquals: { 's3:max-keys': '10' },
    }),
    when('s3:PutObject', `${arn}/secret/*`, { StringEquals: { 's3:x-amz-server-side-encryption': 'AES256' } }),
    when('s3:PutObject', `${arn}/tagged/*`, { StringEquals: { 's3:RequestObjectTag/team': 'blue' } }),
    when('s3:PutObjectTagging', `${arn}/tagged/*`, {
      'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': ['team'] },
    }),
  );
  assert.equal(await read(intern, 'open/cat'), 'meow');
  await assert.rejects(read(intern, 'open/dog'), denied);
  await intern.listObjectsV2({ Bucket, Prefix: 'open/', MaxKeys: 10 });
  await assert.rejects(intern.listObjectsV2({ Bucket, Prefix: 'open/' }), denied);
  await assert.rejects(intern.listObjectsV2({ Bucket, MaxKeys: 10 }), denied);

  const secret = { Bucket, Key: 'secret/plan' };
  await assert.rejects(intern.putObject({ ...secret, Body: 'x' }), denied);
  await intern.putObject({ ...secret, Body: 'x', ServerSideEncryption: 'AES256' });
  // A part does not say how it is encrypted: the upload did.
  const { UploadId } = await intern.createMultipartUpload({ ...secret, ServerSideEncryption: 'AES256' });
  const { ETag } = await intern.uploadPart({ ...secret, UploadId, PartNumber: 1, Body: 'whole' });
  const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
  await intern.completeMultipartUpload({ ...secret, UploadId, MultipartUpload });

  const tagged = { Bucket, Key: 'tagged/one', Body: 'x' };
  await assert.rejects(intern.putObject(tagged), denied);
  await assert.rejects(intern.putObject({ ...tagged, Tagging: 'team=red' }), denied);
  await assert.rejects(intern.putObject({ ...tagged, Tagging: 'team=blue&more=x' }), denied);
  await intern.putObject({ ...tagged, Tagging: 'team=blue' });
  await put(nobody);
});

test('a bucket of another account can tell its own account of what a guest puts, and not his', async () => {
  await put({ ...allow, Principal: { AWS: theirs }, Action: 's3:*', Resource: [arn, `${arn}/*`] });
  const sqs = new SQS(awsClient(mayfly));
  const { QueueUrl = '' } = await sqs.createQueue({ QueueName: 'album-changes' });
  const QueueArn = `arn:aws:sqs:us-east-1:${ours}:album-changes`;
  const policy = {
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: QueueArn,
  };
  await sqs.setQueueAttributes({ QueueUrl, Attributes: { Policy: document(policy) } });
  await owner.putBucketNotificationConfiguration({
    Bucket,
    NotificationConfiguration: { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] },
  });
  const { QueueConfigurations = [] } = await guest.getBucketNotificationConfiguration({ Bucket });
  assert.equal(QueueConfigurations[0]?.QueueArn, QueueArn);
  await guest.putObject({ Bucket, Key: 'open/told', Body: 'x' });
  let told = '';
  for (let attempts = 0; !told.includes('open/told') && attempts < 30; attempts++) {
    const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 2 });
    told += Messages.map(({ Body }) => Body).join('');
  }
  assert.match(told, /open\/told/);
  await owner.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration: {} });
  sqs.destroy();
  await put(nobody);
});

test('what is no policy of this bucket is refused, saying why, and the one that was there stays', async () => {
  await put(nobody);
  const refused = (Policy: string, message: RegExp): Promise<void> =>
    assert.rejects(owner.putBucketPolicy({ Bucket, Policy }), { name: 'MalformedPolicy', message });
  await refused('not json', /first byte must be/);
  await refused('{"Version":', /no JSON/);
  await refused(document({ ...nobody, Action: 'sqs:SendMessage' }), /invalid action/);
  await refused(document({ ...nobody, Resource: 'arn:aws:s3:::another/*' }), /invalid resource/);
  await refused(document({ ...nobody, Resource: 'arn:aws:s3:::albums/*' }), /invalid resource/);
  await refused(document({ ...nobody, Resource: arn }), /Action does not apply to any resource/);
  await refused(document({ ...nobody, Action: 's3:ListBucket' }), /Action does not apply to any resource/);
  const { Principal: _, ...withoutPrincipal } = nobody;
  await refused(document(withoutPrincipal), /Principal/);
  await refused(document({ ...nobody, Condition: { StringSounds: { 'aws:SourceArn': 'x' } } }), /StringSounds/);
  await refused(document({ ...nobody, Sid: 'x'.repeat(21_000) }), /at most 20480 bytes/);
  assert.equal((await owner.getBucketPolicy({ Bucket })).Policy, document(nobody));
  await assert.rejects(owner.putBucketPolicy({ Bucket: 'nowhere', Policy: document(nobody) }), {
    name: 'NoSuchBucket',
  });
});

test('ACLs are off, and say so', async () => {
  await assert.rejects(owner.putBucketAcl({ Bucket, ACL: 'private' }), { name: 'AccessControlListNotSupported' });
  const object = { Bucket, Key: 'open/dog' };
  await assert.rejects(owner.putObjectAcl({ ...object, ACL: 'public-read' }), {
    name: 'AccessControlListNotSupported',
  });
  await owner.putObjectAcl({ ...object, ACL: 'bucket-owner-full-control' });
  await assert.rejects(owner.putObject({ ...object, ACL: 'public-read' }), { name: 'AccessControlListNotSupported' });
  const { Grants = [] } = await owner.getObjectAcl(object);
  assert.deepEqual(
    Grants.map(({ Permission }) => Permission),
    ['FULL_CONTROL'],
  );
  const enforced = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] };
  assert.deepEqual((await owner.getBucketOwnershipControls({ Bucket })).OwnershipControls, enforced);
  await owner.deleteBucketOwnershipControls({ Bucket });
  await assert.rejects(owner.getBucketOwnershipControls({ Bucket }), { name: 'OwnershipControlsNotFoundError' });
  await owner.putBucketOwnershipControls({ Bucket, OwnershipControls: enforced });
  await assert.rejects(
    owner.putBucketOwnershipControls({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } }),
    { name: 'NotImplemented' },
  );
});

test('a name that others were let in by does not come to mean the bucket of another account, when it is deleted or shut', async () => {
  const Name = 'given-up';
  const open = document({
    Effect: 'Allow',
    Principal: '*',
    Action: ['s3:GetObject', 's3:PutObject'],
    Resource: `arn:aws:s3:::${Name}/*`,
  });
  const share = async (client: S3, text: string): Promise<void> => {
    await client.createBucket({ Bucket: Name });
    await client.deletePublicAccessBlock({ Bucket: Name });
    await client.putBucketPolicy({ Bucket: Name, Policy: open });
    await client.putObject({ Bucket: Name, Key: 'a', Body: text });
  };
  const seen = async (): Promise<string> => {
    const response = await unsigned(`${Name}/a`);
    const text = await response.text();
    return response.status === 200 ? text : String(response.status);
  };
  await share(owner, 'ours');
  await share(guest, 'theirs');
  assert.equal(await seen(), 'ours');

  await owner.deleteBucketPolicy({ Bucket: Name });
  assert.equal(await seen(), '403', 'shut');
  await owner.putBucketPolicy({ Bucket: Name, Policy: open });
  assert.equal(await seen(), 'ours', 'and opened again');

  await owner.deleteObject({ Bucket: Name, Key: 'a' });
  await owner.deleteBucket({ Bucket: Name });
  assert.equal(await seen(), '403', 'deleted');
  assert.equal(await statusOf(`${Name}/b`, { method: 'PUT', body: 'for the one that was' }), 403);
  const own = await guest.getObject({ Bucket: Name, Key: 'a' });
  assert.equal(await own.Body?.transformToString(), 'theirs', 'it is his own all the same');
  await share(owner, 'ours again');
  assert.equal(await seen(), 'ours again');
});
