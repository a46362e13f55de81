/**
 * Secrets of every kind that the platform is given or gives out, planted, and then looked for: in every byte below the data
 * folder, in what the platform writes to its log, in errors, in what it tells of itself, in the arguments and environments
 * of its processes. After kill -9, a restart and a new master key too.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  EventBridgeClient,
  UpdateConnectionCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { callApi, invokeFunction } from '../harness/api-client.ts';
import { awsClient } from '../harness/aws-client.ts';
import { filesOf } from '../harness/files-of.ts';
import { echo, role, runtime, zipOf } from '../harness/lambda-rig.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

/** No secret: the search has to find it. */
const inTheOpen = `open${randomBytes(12).toString('hex')}`;

/** What it is, and its bytes. */
const secrets = new Map<string, Buffer>();

function plant(what: string): string {
  const text = `planted${String(secrets.size).padStart(2, '0')}${randomBytes(12).toString('hex')}`;
  secrets.set(what, Buffer.from(text));
  return text;
}

/** What the platform made itself: as text, and where it is bytes, in the forms that bytes are written in. */
function note(what: string, value: string | Uint8Array | undefined): void {
  assert.ok(value !== undefined && value.length > 0, what);
  if (typeof value === 'string') {
    secrets.set(what, Buffer.from(value));
    return;
  }
  const bytes = Buffer.from(value);
  secrets.set(what, bytes);
  for (const encoding of ['hex', 'base64', 'base64url'] as const)
    secrets.set(`${what} in ${encoding}`, Buffer.from(bytes.toString(encoding).slice(0, 40)));
}

const found = (bytes: Buffer): string[] =>
  [...secrets].filter(([, secret]) => bytes.includes(secret)).map(([what]) => what);

describe('secrets at rest and in passing', () => {
  let mayfly: StartedMayfly;
  let folder: string;
  let log: string;
  const errors: string[] = [];
  /** A message that nobody has received yet. */
  let waiting = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mayfly-secrets-'));
    log = join(folder, 'platform.log');
    const project = join(folder, 'project');
    const masterKey = randomBytes(32);
    note('the master key', masterKey);
    mayfly = await startMayfly({
      log,
      environment: {
        MAYFLY_MASTER_KEY: masterKey.toString('hex'),
        MAYFLY_SMTP_RELAY: `smtp://somebody:${plant('the password of the mail relay')}@127.0.0.1:9`,
      },
    });
    await mkdir(project);
    await writeFile(
      join(project, 'hello.py'),
      'import os\ndef lambda_handler(event, context):\n    return {name: os.environ.get(name) for name in event["names"]}\n',
    );
    await writeFile(
      join(project, 'mayfly.yaml'),
      [
        'application: rest',
        'functions:',
        '  hello:',
        '    runtime: python',
        '    handler: hello.lambda_handler',
        '    code: hello.py',
        `    environment: { FIRST: ${plant('a variable, deployed')}, HOOK: ${plant('the secret of a webhook')} }`,
        '    events:',
        '      - webhook: { path: /hook, verify: github, secret: HOOK }',
        '',
      ].join('\n'),
    );
    await mayfly.json('deploy', project);
    await plantInLambda();
    await plantInConnections();
    await plantInKms();
    await plantInSecretsManager();
    await plantInParameters();
    await plantInTables();
    await plantIdentities();
    await plantInTopics();
    await plantInMessages();
    await plantInBuckets();
    const token = (await (
      await callApi(mayfly, { method: 'POST', target: '/_mayfly/console-tokens', service: 'mayfly', body: '{}' })
    ).json()) as { token: string };
    note('a console token', token.token);
    const names = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
    const { payload } = await invokeFunction(mayfly, 'hello', { names });
    for (const name of names) note(`a function's own ${name}`, (payload as Record<string, string>)[name]);
    const keys = Buffer.from(await readFile(join(mayfly.data, 'credentials')));
    const secretKey = /aws_secret_access_key = (\S+)/.exec(keys.toString())?.[1];
    note("the administrator's secret key", secretKey);
  });

  after(async () => {
    await mayfly[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  /** What is wrong about it is said without it. */
  async function refused(sending: Promise<unknown>): Promise<void> {
    const error = await sending.then(
      () => assert.fail('it was taken'),
      (reason: Error) => reason,
    );
    errors.push(`${error.name}: ${error.message} ${JSON.stringify(error)}`);
  }

  async function plantInLambda(): Promise<void> {
    const lambda = new LambdaClient(awsClient(mayfly));
    const FunctionName = 'made';
    const variables = (value: string) => ({ Variables: { TOKEN: value } });
    const base = { Runtime: runtime, Handler: 'index.handler', Role: role } as const;
    const Code = { ZipFile: await zipOf(echo) };
    const first = plant('a variable of a version that was replaced');
    await lambda.send(new CreateFunctionCommand({ FunctionName, ...base, Code, Environment: variables(first) }));
    await lambda.send(new PublishVersionCommand({ FunctionName }));
    const second = plant('a variable, updated');
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: variables(second) }));
    const bad = { Variables: { 'not-a-name': plant('a variable that was refused') } };
    await refused(lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: bad })));
    lambda.destroy();
  }

  async function plantInTables(): Promise<void> {
    const client = new DynamoDB(awsClient(mayfly));
    await client.createTable({
      TableName: 'kept',
      AttributeDefinitions: ['id', 'group'].map((name) => ({ AttributeName: name, AttributeType: 'S' as const })),
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-group',
          KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
    const id = { S: plant('a partition key of an item') };
    const group = { S: plant('a partition key of an index') };
    const put = (text: string) => client.putItem({ TableName: 'kept', Item: { id, group, text: { S: text } } });
    await put(plant('an attribute of an item that was replaced'));
    await put(plant('an attribute of an item'));
    const { Item: item } = await client.getItem({ TableName: 'kept', Key: { id } });
    assert.deepEqual(item?.['group'], group);
    client.destroy();
  }

  async function plantInConnections(): Promise<void> {
    const events = new EventBridgeClient(awsClient(mayfly));
    const secretValue = (Key: string) => ({ Key, Value: plant(`${Key} of a connection`), IsValueSecret: true });
    await events.send(
      new CreateConnectionCommand({
        Name: 'basic',
        AuthorizationType: 'BASIC',
        AuthParameters: {
          BasicAuthParameters: { Username: 'u', Password: plant('the password of a connection') },
          InvocationHttpParameters: {
            HeaderParameters: [secretValue('header')],
            QueryStringParameters: [secretValue('query')],
            BodyParameters: [secretValue('body')],
          },
        },
      }),
    );
    const { ConnectionArn } = await events.send(
      new CreateConnectionCommand({
        Name: 'key',
        AuthorizationType: 'API_KEY',
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'x', ApiKeyValue: plant('a key that was replaced') } },
      }),
    );
    const replaced = { ApiKeyAuthParameters: { ApiKeyValue: plant('the key of a connection') } };
    await events.send(new UpdateConnectionCommand({ Name: 'key', AuthParameters: replaced }));
    await events.send(
      new CreateApiDestinationCommand({
        Name: 'there',
        ConnectionArn,
        InvocationEndpoint: 'http://127.0.0.1:9/x',
        HttpMethod: 'POST',
      }),
    );
    await events.send(
      new CreateConnectionCommand({
        Name: 'oauth',
        AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS',
        AuthParameters: {
          OAuthParameters: {
            AuthorizationEndpoint: 'http://127.0.0.1:9/token',
            HttpMethod: 'POST',
            ClientParameters: { ClientID: 'id', ClientSecret: plant('the client secret of a connection') },
          },
        },
      }),
    );
    await refused(
      events.send(
        new CreateConnectionCommand({
          Name: 'not a name',
          AuthorizationType: 'API_KEY',
          AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'x', ApiKeyValue: plant('a key that was refused') } },
        }),
      ),
    );
    events.destroy();
  }

  async function plantInKms(): Promise<void> {
    const kms = new KMSClient(awsClient(mayfly));
    const { KeyMetadata: { KeyId } = {} } = await kms.send(new CreateKeyCommand({}));
    const Plaintext = Buffer.from(plant('what KMS encrypted'));
    await kms.send(new EncryptCommand({ KeyId, Plaintext }));
    note('a data key', (await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))).Plaintext);
    const pair = await kms.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' }));
    note('the private half of a pair', pair.PrivateKeyPlaintext?.slice(-40));
    const long = Buffer.from(plant('what was too long to encrypt').padEnd(4_097, '.'));
    await refused(kms.send(new EncryptCommand({ KeyId, Plaintext: long })));
    kms.destroy();
  }

  async function plantInSecretsManager(): Promise<void> {
    const client = new SecretsManagerClient(awsClient(mayfly));
    const SecretId = 'shop/password';
    await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: plant('a secret, first version') }));
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: plant('a secret, second version') }));
    const SecretBinary = Buffer.from(plant('a secret of bytes'));
    await client.send(new CreateSecretCommand({ Name: 'shop/binary', SecretBinary }));
    await client.send(new GetSecretValueCommand({ SecretId }));
    note('a password by chance', (await client.send(new GetRandomPasswordCommand({}))).RandomPassword);
    const SecretString = plant('a secret that was refused');
    await refused(client.send(new CreateSecretCommand({ Name: 'not a name?', SecretString })));
    client.destroy();
  }

  async function plantInParameters(): Promise<void> {
    const ssm = new SSMClient(awsClient(mayfly));
    const [Name, Type] = ['/shop/token', 'SecureString'] as const;
    await ssm.send(new PutParameterCommand({ Name, Type, Value: plant('a parameter that was replaced') }));
    await ssm.send(new PutParameterCommand({ Name, Type, Value: plant('a parameter'), Overwrite: true }));
    await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
    await refused(ssm.send(new PutParameterCommand({ Name: 'not a name', Type, Value: plant('a parameter refused') })));
    ssm.destroy();
  }

  async function plantIdentities(): Promise<void> {
    const iam = new IAMClient(awsClient(mayfly));
    await iam.send(new CreateUserCommand({ UserName: 'bob' }));
    for (const which of ['first', 'second']) {
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'bob' }));
      note(`the ${which} access key of a user`, AccessKey?.SecretAccessKey);
    }
    iam.destroy();
    const sts = new STSClient(awsClient(mayfly));
    const { Credentials } = await sts.send(new GetSessionTokenCommand({}));
    note('the secret key of a session', Credentials?.SecretAccessKey);
    note('the token of a session', Credentials?.SessionToken);
    sts.destroy();
  }

  async function plantInTopics(): Promise<void> {
    const sns = new SNSClient(awsClient(mayfly));
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
    const password = plant('the password of an endpoint');
    await sns.send(
      new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: `http://somebody:${password}@127.0.0.1:9/in` }),
    );
    await sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));
    sns.destroy();
  }

  /** What waits, and has been handed on: bodies, attributes, events, and what is given up. */
  async function plantInMessages(): Promise<void> {
    const sqs = new SQSClient(awsClient(mayfly));
    const sns = new SNSClient(awsClient(mayfly));
    for (const [QueueName, KmsMasterKeyId] of [
      ['plain', ''],
      ['keyed', 'alias/aws/sqs'],
    ] as const) {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { KmsMasterKeyId } }));
      const StringValue = plant(`an attribute in the queue ${QueueName}`);
      const MessageAttributes = { code: { DataType: 'String', StringValue } };
      const MessageBody = plant(`a message in the queue ${QueueName}`);
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
      if (QueueName === 'plain') waiting = MessageBody;
    }
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: '*',
      },
    });
    await sqs.send(new CreateQueueCommand({ QueueName: 'heard', Attributes: { Policy } }));
    const { TopicArn } = await sns.send(
      new CreateTopicCommand({ Name: 'keyed', Attributes: { KmsMasterKeyId: 'alias/aws/sns' } }),
    );
    const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:heard';
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
    await sns.send(new PublishCommand({ TopicArn, Message: plant('a message of a topic') }));
    const lambda = new LambdaClient(awsClient(mayfly));
    const Payload = Buffer.from(JSON.stringify({ names: [], secret: plant('an event for later') }));
    await lambda.send(new InvokeCommand({ FunctionName: 'hello', InvocationType: 'Event', Payload }));
    for (const client of [sqs, sns, lambda]) client.destroy();
  }

  async function plantInBuckets(): Promise<void> {
    const s3 = new S3Client({ ...awsClient(mayfly), forcePathStyle: true });
    const Bucket = 'vault';
    await s3.send(new CreateBucketCommand({ Bucket }));
    const key = randomBytes(32);
    note('the key of an object, brought by who reads it', key);
    const customer = {
      SSECustomerAlgorithm: 'AES256',
      SSECustomerKey: key.toString('base64'),
      SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
    };
    const kinds = [customer, { ServerSideEncryption: 'AES256' }, { ServerSideEncryption: 'aws:kms' }] as const;
    for (const [at, kind] of kinds.entries())
      await s3.send(
        new PutObjectCommand({ Bucket, Key: `${at}`, Body: plant(`an object, encrypted (${at})`), ...kind }),
      );
    await s3.send(new PutObjectCommand({ Bucket, Key: 'open', Body: inTheOpen }));
    await refused(s3.send(new GetObjectCommand({ Bucket, Key: '1', ...customer })));
    s3.destroy();
  }

  /** Every byte: the database, its write-ahead log, blobs, logs. The administrator's own file has his key, and that alone. */
  async function assertNotOnDisk(): Promise<void> {
    const paths: string[] = [];
    let seen = 0;
    for await (const { path, bytes } of filesOf(mayfly.data)) {
      paths.push(path);
      assert.ok(!/-----BEGIN [A-Z ]*PRIVATE KEY/.test(bytes.toString('latin1')), `${path} has a private key`);
      if (bytes.includes(inTheOpen)) seen++;
      const there = found(bytes);
      assert.deepEqual(there, path === 'credentials' ? ["the administrator's secret key"] : [], path);
    }
    assert.ok(paths.includes('mayfly.db') && paths.includes('mayfly.db-wal'), paths.join(' '));
    assert.ok(seen > 0, 'what is there in the open was not found');
    assert.deepEqual(found(await readFile(log)), [], 'the log of the platform');
  }

  /** The platform and whatever it has started, functions included. */
  async function assertInNoProcess(): Promise<void> {
    const ours = await processesOf(mayfly.pid);
    assert.ok(ours.length > 1, 'the environments of functions are among them');
    for (const pid of ours) {
      for (const name of ['cmdline', 'environ', 'comm']) {
        const bytes = await readFile(`/proc/${pid}/${name}`).catch(() => Buffer.alloc(0));
        assert.deepEqual(
          found(bytes),
          [],
          `${name} of the process ${pid}: ${await readlink(`/proc/${pid}/exe`).catch(() => '')}`,
        );
      }
    }
  }

  test('there are enough of them', () => {
    assert.ok(secrets.size >= 30, String(secrets.size));
  });

  test('none is in a file of the data folder or in the log', () => assertNotOnDisk());

  test('none is in the arguments or the environment of a process', () => assertInNoProcess());

  test('none is in an error', () => {
    assert.ok(errors.length >= 6);
    for (const error of errors) assert.deepEqual(found(Buffer.from(error)), [], error);
  });

  test('none is in what the platform tells of itself', async () => {
    const targets = [
      'platform',
      'functions',
      'functions/hello',
      'functions/made',
      'invocations',
      'deliveries',
      'dead-letters',
      'topics',
      'audit?limit=1000',
      'keys',
      'cold-starts',
      'metrics',
      'doctor',
      'deployments',
      'usage',
      'mail',
    ];
    for (const path of targets) {
      const answer = await callApi(mayfly, { target: `/_mayfly/${path}`, service: 'mayfly' });
      assert.equal(answer.status, 200, path);
      assert.deepEqual(found(Buffer.from(await answer.arrayBuffer())), [], path);
    }
  });

  test('nor after a kill and a restart, and after a new master key', async () => {
    mayfly = await mayfly.killAndRestart();
    await assertNotOnDisk();
    const next = join(folder, 'next.key');
    const key = randomBytes(32);
    note('the next master key', key);
    await writeFile(next, key.toString('hex'), { mode: 0o600 });
    const rotated = (await mayfly.json('keys', 'rotate', '--to', next)) as { resealed: { left: unknown } };
    assert.deepEqual(rotated.resealed.left, []);
    const sqs = new SQSClient(awsClient(mayfly));
    const QueueUrl = `${mayfly.api}/000000000000/plain`;
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    assert.deepEqual(
      Messages.map(({ Body }) => Body),
      [waiting],
    );
    sqs.destroy();
    const client = new SecretsManagerClient(awsClient(mayfly));
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: 'shop/password' }));
    assert.equal(SecretString, secrets.get('a secret, second version')?.toString());
    client.destroy();
    await assertNotOnDisk();
  });
});

async function processesOf(root: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const [, parent] = /^\d+ \(.*\) \S (\d+)/s.exec(status) ?? [];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const found = [root];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}
