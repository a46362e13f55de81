/** Queues and topics under keys of customers, through the genuine SDK and the real platform: who may, what lies on the disk, and what a key's troubles do. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  PutKeyPolicyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { CreateEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  type Message,
} from '@aws-sdk/client-sqs';
import { awsClient } from './harness/aws-client.ts';
import { eventually } from './harness/eventually.ts';
import { filesOf } from './harness/files-of.ts';
import { openLambdaRig, type LambdaRig } from './harness/lambda-rig.ts';
import type { StartedMayfly } from './harness/start-mayfly.ts';

const account = '000000000000';
const waitMs = 30_000;
let rig: LambdaRig;
/** The same; another process once it was killed. */
let mayfly: StartedMayfly;
let sqs: SQSClient;
let sns: SNSClient;
let kms: KMSClient;
let folder: string;
let log: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-messages-'));
  log = join(folder, 'platform.log');
  rig = await openLambdaRig({ log });
  ({ mayfly } = rig);
  open();
});
after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function open(): void {
  const client = awsClient(mayfly);
  sqs = new SQSClient(client);
  sns = new SNSClient(client);
  kms = new KMSClient(client);
}

const arnOfQueue = (name: string): string => `arn:aws:sqs:us-east-1:${account}:${name}`;
const word = (): string => `open-sesame-${randomBytes(10).toString('hex')}`;

async function key(): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  return KeyMetadata?.Arn ?? '';
}

async function queue(QueueName: string, Attributes: Record<string, string>): Promise<string> {
  return (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
}

const send = (QueueUrl: string, MessageBody: string, client = sqs) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody }));

async function receive(QueueUrl: string, client = sqs): Promise<Message[]> {
  const asked = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 1, MessageAttributeNames: ['All'] };
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ ...asked, MessageSystemAttributeNames: ['All'], WaitTimeSeconds: 1 }),
  );
  return Messages;
}

const bodies = async (QueueUrl: string): Promise<unknown[]> => (await receive(QueueUrl)).map(({ Body }) => Body);

const arrived = (QueueUrl: string): Promise<Message> =>
  eventually(`a message in ${QueueUrl}`, waitMs, async () => (await receive(QueueUrl))[0]);

const refusal = async (sending: Promise<unknown>): Promise<string> => {
  const error = await sending.then(
    () => assert.fail('it was taken'),
    (reason: Error) => reason,
  );
  return error.name;
};

async function isOnDisk(text: string): Promise<boolean> {
  for await (const { bytes } of filesOf(mayfly.data)) if (bytes.includes(text)) return true;
  return false;
}

async function userWith(name: string, statements: object[]): Promise<SQSClient> {
  const iam = new IAMClient(awsClient(mayfly));
  await iam.send(new CreateUserCommand({ UserName: name }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'p', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return new SQSClient({
    ...awsClient(mayfly),
    credentials: { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' },
  });
}

test('attributes of encryption are what SQS says they are', async () => {
  const attributes = async (QueueUrl: string) =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ?? {};
  const set = (QueueUrl: string, Attributes: Record<string, string>) =>
    sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  const url = await queue('attributes', {});
  assert.equal((await attributes(url))['SqsManagedSseEnabled'], 'true');
  assert.ok(!('KmsDataKeyReusePeriodSeconds' in (await attributes(url))));
  await set(url, { KmsMasterKeyId: 'alias/aws/sqs', KmsDataKeyReusePeriodSeconds: '60' });
  assert.partialDeepStrictEqual(await attributes(url), {
    SqsManagedSseEnabled: 'false',
    KmsMasterKeyId: 'alias/aws/sqs',
    KmsDataKeyReusePeriodSeconds: '60',
  });
  await set(url, { VisibilityTimeout: '5' });
  assert.equal((await attributes(url))['KmsMasterKeyId'], 'alias/aws/sqs');
  await set(url, { KmsMasterKeyId: '' });
  assert.equal((await attributes(url))['SqsManagedSseEnabled'], 'false');
  assert.ok(!('KmsMasterKeyId' in (await attributes(url))));
  await set(url, { SqsManagedSseEnabled: 'true' });
  assert.equal((await attributes(url))['SqsManagedSseEnabled'], 'true');
  assert.equal(await refusal(set(url, { KmsMasterKeyId: 'x', SqsManagedSseEnabled: 'true' })), 'InvalidAttributeValue');
});

test('who sends needs the data key and to open it, who receives to open it; each refusal has its name', async () => {
  const KeyId = await key();
  const url = await queue('asked', { KmsMasterKeyId: KeyId });
  const all = { Effect: 'Allow', Action: 'sqs:*', Resource: '*' };
  const may = (...Action: string[]) => ({ Effect: 'Allow', Action, Resource: KeyId });
  const without = await userWith('without', [all]);
  const half = await userWith('half', [all, may('kms:GenerateDataKey')]);
  const context = { 'kms:EncryptionContext:aws:sqs:arn': arnOfQueue('asked') };
  const via = { 'kms:ViaService': 'sqs.us-east-1.amazonaws.com' };
  const sender = await userWith('sender', [
    all,
    { ...may('kms:GenerateDataKey', 'kms:Decrypt'), Condition: { StringEquals: { ...context, ...via } } },
  ]);
  const receiver = await userWith('receiver', [all, may('kms:Decrypt')]);
  assert.equal(await refusal(send(url, 'a', without)), 'KmsAccessDenied');
  assert.equal(await refusal(send(url, 'a', half)), 'KmsAccessDenied');
  assert.equal(await refusal(send(url, 'a', receiver)), 'KmsAccessDenied');
  await send(url, 'b', sender);
  const Entries = [{ Id: 'x', MessageBody: 'c' }];
  await sender.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  assert.equal(await refusal(without.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }))), 'KmsAccessDenied');
  assert.equal(await refusal(receive(url, without)), 'KmsAccessDenied');
  const got = await receive(url, receiver);
  assert.deepEqual(new Set(got.map(({ Body }) => Body)), new Set(['b', 'c']));
  // A receive that was refused has taken nothing.
  assert.deepEqual(
    got.map(({ Attributes }) => Attributes?.ApproximateReceiveCount),
    ['1', '1'],
  );
  const nowhere = await queue('nowhere', { KmsMasterKeyId: 'alias/nowhere' });
  assert.equal(await refusal(send(nowhere, 'a')), 'KmsNotFound');
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeyUsage: 'SIGN_VERIFY', KeySpec: 'RSA_2048' }));
  const signing = await queue('signing', { KmsMasterKeyId: KeyMetadata?.KeyId ?? '' });
  assert.equal(await refusal(send(signing, 'a')), 'KmsInvalidKeyUsage');
});

test('while a key is disabled nothing goes in or out and nothing is lost; one that is to be deleted says so', async () => {
  const KeyId = await key();
  await queue('shut-dead', {});
  const redrive = JSON.stringify({ deadLetterTargetArn: arnOfQueue('shut-dead'), maxReceiveCount: 2 });
  const url = await queue('shut', { KmsMasterKeyId: KeyId, RedrivePolicy: redrive });
  await send(url, 'kept');
  await kms.send(new DisableKeyCommand({ KeyId }));
  assert.equal(await refusal(send(url, 'a')), 'KmsDisabled');
  for (let times = 0; times < 4; times++) assert.equal(await refusal(receive(url)), 'KmsDisabled');
  await kms.send(new EnableKeyCommand({ KeyId }));
  assert.deepEqual(await bodies(url), ['kept']);
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  assert.equal(await refusal(send(url, 'a')), 'KmsInvalidState');
});

test('a message stays encrypted in a dead-letter queue without a key, and on its way back', async () => {
  const KeyId = await key();
  const dead = await queue('dead', {});
  const redrive = JSON.stringify({ deadLetterTargetArn: arnOfQueue('dead'), maxReceiveCount: 1 });
  const url = await queue('source', { KmsMasterKeyId: KeyId, RedrivePolicy: redrive });
  await send(url, 'given up');
  assert.equal((await receive(url)).length, 1);
  await eventually('the move', waitMs, async () => {
    await receive(url);
    return (await receive(dead)).length > 0 ? true : undefined;
  });
  const { letters } = (await mayfly.json('dlq', 'show', 'queue:dead')) as { letters: { payload: unknown }[] };
  assert.match(String(letters[0]?.payload), /encrypted with a key/);
  await kms.send(new DisableKeyCommand({ KeyId }));
  await eventually('the refusal', waitMs, async () =>
    receive(dead).then(
      () => undefined,
      (error: Error) => (error.name === 'KmsDisabled' ? true : undefined),
    ),
  );
  await kms.send(new EnableKeyCommand({ KeyId }));
  await arrived(dead);
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { RedrivePolicy: '' } }));
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { RedrivePolicy: redrive } }));
  await eventually('the way back', waitMs, async () => {
    const started = sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOfQueue('dead') }));
    await started.catch(() => undefined);
    return (await bodies(url)).includes('given up') ? true : undefined;
  });
});

test('a topic with a key takes from who may, and hands on to a queue with a key that lets SNS in', async () => {
  const [topicKey, queueKey] = [await key(), await key()];
  const { TopicArn = '' } = await sns.send(
    new CreateTopicCommand({ Name: 'news', Attributes: { KmsMasterKeyId: topicKey } }),
  );
  const policy = (Sid: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'sns.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: arnOfQueue(Sid),
          Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
        },
      ],
    });
  const url = await queue('heard', { KmsMasterKeyId: queueKey, Policy: policy('heard') });
  const dead = await queue('unheard', { Policy: policy('unheard') });
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: arnOfQueue('heard'),
      Attributes: {
        RawMessageDelivery: 'true',
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOfQueue('unheard') }),
      },
    }),
  );
  await sns.send(new PublishCommand({ TopicArn, Message: 'refused' }));
  const letter = await arrived(dead);
  assert.equal(letter.Body, 'refused');
  assert.match(letter.MessageAttributes?.['ErrorMessage']?.StringValue ?? '', /sns\.amazonaws\.com is not authorized/);
  await kms.send(
    new PutKeyPolicyCommand({
      KeyId: queueKey,
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
          {
            Effect: 'Allow',
            Principal: { Service: 'sns.amazonaws.com' },
            Action: ['kms:GenerateDataKey*', 'kms:Decrypt'],
            Resource: '*',
            Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
          },
        ],
      }),
    }),
  );
  await sns.send(new PublishCommand({ TopicArn, Message: 'heard' }));
  assert.equal((await arrived(url)).Body, 'heard');
  await kms.send(new DisableKeyCommand({ KeyId: topicKey }));
  assert.equal(await refusal(sns.send(new PublishCommand({ TopicArn, Message: 'a' }))), 'KMSDisabledException');
});

test('a function is given messages that its role may decrypt, and those that waited once it may', async () => {
  const iam = new IAMClient(awsClient(mayfly));
  const lambda = new LambdaClient(awsClient(mayfly));
  const KeyId = await key();
  const url = await queue('work', { KmsMasterKeyId: KeyId, VisibilityTimeout: '30' });
  const may = { Effect: 'Allow', Action: ['sqs:*'], Resource: '*' };
  const role = await roleFor(iam, [may]);
  // What it is not given in the clear comes back.
  const code =
    "export const handler = async ({ Records }) => { if (Records[0].body !== 'to be done') throw new Error(); };";
  await rig.make('worker', { 'index.mjs': code }, { Role: role.arn });
  const mapping = { FunctionName: 'worker', EventSourceArn: arnOfQueue('work') };
  await lambda.send(new CreateEventSourceMappingCommand(mapping));
  const left = async (): Promise<number> => {
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const asked = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...AttributeNames] });
    const { Attributes = {} } = await sqs.send(asked);
    return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  };
  await send(url, 'to be done');
  await eventually('the report that it cannot be decrypted', waitMs, async () =>
    (await readFile(log, 'utf8')).includes('cannot be decrypted, and wait') ? true : undefined,
  );
  assert.equal(await left(), 1);
  await role.put([may, { Effect: 'Allow', Action: ['kms:Decrypt'], Resource: KeyId }]);
  await eventually('its being done', waitMs, async () => ((await left()) === 0 ? true : undefined));
});

test('a message, its attributes, and what comes of a rotation and of kill -9 are read by who may, and are not on the disk', async () => {
  const KeyId = await key();
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/letters', TargetKeyId: KeyId }));
  const [first, second, third] = [word(), word(), word()];
  const own = await queue('own', { KmsMasterKeyId: 'alias/letters' });
  const plain = await queue('plain', {});
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: own,
      MessageBody: first,
      MessageAttributes: { code: { DataType: 'String', StringValue: second } },
    }),
  );
  await send(plain, third);
  await kms.send(new RotateKeyOnDemandCommand({ KeyId }));
  await send(own, 'after the rotation');
  mayfly = await mayfly.killAndRestart();
  open();
  for (const text of [first, second, third]) assert.equal(await isOnDisk(text), false);
  const got = await eventually('both messages', waitMs, async () => {
    const found = await receive(own);
    return found.length === 2 ? found : undefined;
  });
  const letter = got.find(({ Body }) => Body === first);
  assert.equal(letter?.MessageAttributes?.['code']?.StringValue, second);
  assert.deepEqual(await bodies(plain), [third]);
});

async function roleFor(iam: IAMClient, statements: object[]) {
  const RoleName = `worker-${randomBytes(4).toString('hex')}`;
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: trust }),
    }),
  );
  const put = (Statement: object[]) =>
    iam.send(
      new PutRolePolicyCommand({
        RoleName,
        PolicyName: 'p',
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
      }),
    );
  await put(statements);
  return { arn: Role?.Arn ?? '', put };
}
