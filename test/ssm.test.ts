/** Parameter Store through the official SDK: types, versions, labels, paths, policies, and what it tells the event bus. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateKeyCommand, DecryptCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  DeleteResourcePolicyCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  GetResourcePoliciesCommand,
  LabelParameterVersionCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  PutResourcePolicyCommand,
  RemoveTagsFromResourceCommand,
  SendCommandCommand,
  SSMClient,
  UnlabelParameterVersionCommand,
  type GetParametersByPathCommandInput,
  type Parameter,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm';
import { awsClient } from './harness/aws-client.ts';
import { inTime } from './harness/in-time.ts';
import { startMayfly, type StartedMayfly } from './harness/start-mayfly.ts';

const run = promisify(execFile);
let mayfly: StartedMayfly;
let ssm: SSMClient;

before(async () => {
  mayfly = await startMayfly();
  ssm = new SSMClient(awsClient(mayfly));
});

after(() => mayfly[Symbol.asyncDispose]());

const refused =
  (name: string, message = /./) =>
  (error: Error) => {
    assert.equal(error.name, name, error.message);
    assert.match(error.message, message);
    return true;
  };

const put = (Name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) =>
  ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));
const get = async (Name: string, WithDecryption = false): Promise<Parameter> =>
  (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter ?? {};
const valueOf = async (name: string): Promise<string | undefined> => (await get(name, true)).Value;

describe('a parameter', () => {
  test('is got by its name and its ARN, of one version or label', async () => {
    assert.deepEqual(
      await put('/app/url', 'one', { Description: 'where' }).then(({ Version, Tier }) => [Version, Tier]),
      [1, 'Standard'],
    );
    await put('/app/url', 'two', { Overwrite: true });
    const { LastModifiedDate, ...got } = await get('/app/url');
    const ARN = 'arn:aws:ssm:us-east-1:000000000000:parameter/app/url';
    assert.deepEqual(got, { Name: '/app/url', Type: 'String', Value: 'two', Version: 2, ARN, DataType: 'text' });
    assert.ok(Math.abs((LastModifiedDate?.getTime() ?? 0) - Date.now()) < 60_000);
    await ssm.send(new LabelParameterVersionCommand({ Name: '/app/url', ParameterVersion: 1, Labels: ['stable'] }));
    assert.deepEqual(
      [await valueOf(ARN), await valueOf('/app/url:1'), await valueOf('/app/url:stable'), await valueOf(`${ARN}:1`)],
      ['two', 'one', 'one', 'one'],
    );
    assert.equal((await get('/app/url:stable')).Selector, ':stable');
    await assert.rejects(get('/app/url:7'), refused('ParameterVersionNotFound', /version 7 of \/app\/url/));
    await assert.rejects(get('/app/none'), refused('ParameterNotFound'));
    await put('plain', 'x');
    assert.equal(await valueOf('arn:aws:ssm:us-east-1:000000000000:parameter/plain'), 'x');
  });

  test('is not overwritten unawares, and keeps what an overwrite does not say', async () => {
    await put('/kept', 'abc', { Description: 'first', AllowedPattern: '^[a-z]+$' });
    await assert.rejects(put('/kept', 'x'), refused('ParameterAlreadyExists', /set the overwrite option/));
    await assert.rejects(
      put('/kept', '123', { Overwrite: true }),
      refused('ParameterPatternMismatchException', /allowedPattern/),
    );
    await assert.rejects(
      put('/kept', 'x', { Overwrite: true, Type: 'SecureString' }),
      refused('HierarchyTypeMismatchException'),
    );
    await put('/kept', 'def', { Overwrite: true });
    const { Parameters = [] } = await ssm.send(
      new DescribeParametersCommand({ ParameterFilters: [{ Key: 'Name', Values: ['/kept'] }] }),
    );
    assert.deepEqual(
      Parameters.map(({ Description, Version, AllowedPattern }) => [Description, Version, AllowedPattern]),
      [['first', 2, '^[a-z]+$']],
    );
  });

  test('has a name, a value and settings that are accepted, or is refused for each', async () => {
    const wrong: [string, string, Partial<PutParameterCommandInput>, string][] = [
      ['aws-x', 'v', {}, 'ValidationException'],
      ['/SSM/x', 'v', {}, 'ValidationException'],
      ['/aws/x', 'v', {}, 'AccessDeniedException'],
      ['a/b', 'v', {}, 'ValidationException'],
      ['/a//b', 'v', {}, 'ValidationException'],
      ['/a b', 'v', {}, 'ValidationException'],
      [`/${'a/'.repeat(15)}b`, 'v', {}, 'HierarchyLevelLimitExceededException'],
      ['/empty', '', {}, 'ValidationException'],
      ['/large', 'v'.repeat(4_097), {}, 'ValidationException'],
      ['/large', 'v'.repeat(8_193), { Tier: 'Advanced' }, 'ValidationException'],
      ['/pattern', 'v', { AllowedPattern: '(' }, 'InvalidAllowedPatternException'],
      ['/pattern', `${'a'.repeat(40)}!`, { AllowedPattern: '^(a+)+$' }, 'InvalidAllowedPatternException'],
      ['/image', 'ami-12345678', { DataType: 'aws:ec2:image' }, 'ValidationException'],
      ['/tags', 'v', { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] }, 'ValidationException'],
      ['/key', 'v', { Type: 'SecureString', KeyId: 'alias/nobody' }, 'InvalidKeyId'],
    ];
    for (const [name, value, more, error] of wrong) await assert.rejects(put(name, value, more), refused(error), name);
    await assert.rejects(ssm.send(new PutParameterCommand({ Name: '/t', Value: 'v' })), refused('ValidationException'));
    await assert.rejects(ssm.send(new SendCommandCommand({ DocumentName: 'x' })), /SendCommand is not built/);
  });

  test('is of the tier that its value needs, where that may be chosen', async () => {
    const long = 'v'.repeat(5_000);
    assert.equal((await put('/tier', long, { Tier: 'Intelligent-Tiering' })).Tier, 'Advanced');
    assert.equal((await put('/tier', 'short', { Overwrite: true })).Tier, 'Advanced');
    await assert.rejects(
      put('/tier', 'short', { Overwrite: true, Tier: 'Standard' }),
      refused('ValidationException', /can't downgrade/),
    );
  });

  test('is there after kill -9, and nowhere in the clear', async () => {
    await put('/planted', 'planted-77aa', { Type: 'SecureString' });
    await put('/plain-planted', 'planted-77aa');
    mayfly = await mayfly.killAndRestart();
    ssm = new SSMClient(awsClient(mayfly));
    assert.deepEqual([await valueOf('/planted'), await valueOf('/plain-planted')], ['planted-77aa', 'planted-77aa']);
    const found = await run('grep', ['-rla', 'planted-77aa', mayfly.data]).catch(() => ({ stdout: '' }));
    assert.equal(found.stdout, '');
  });
});

describe('secure strings', () => {
  test('are what KMS decrypts for the parameter’s ARN, unless they are asked for in the clear', async () => {
    const kms = new KMSClient(awsClient(mayfly));
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId ?? '';
    await put('/secure', 'geheim', { Type: 'SecureString', KeyId });
    const { Value = '', ARN = '' } = await get('/secure');
    const { Plaintext } = await kms.send(
      new DecryptCommand({ CiphertextBlob: Buffer.from(Value, 'base64'), EncryptionContext: { PARAMETER_ARN: ARN } }),
    );
    assert.equal(Buffer.from(Plaintext ?? []).toString(), 'geheim');
    assert.equal(await valueOf('/secure'), 'geheim');
    await put('/secure', 'g'.repeat(8_000), { Type: 'SecureString', Tier: 'Advanced', Overwrite: true });
    assert.equal((await valueOf('/secure'))?.length, 8_000);
    await kms.send(new DisableKeyCommand({ KeyId }));
    await assert.rejects(valueOf('/secure'), refused('InvalidKeyId', /disabled/));
  });
});

describe('versions', () => {
  test('have labels, each on one of them, ten at most', async () => {
    for (const value of ['1', '2', '3']) await put('/labelled', value, { Overwrite: true });
    const label = (ParameterVersion: number | undefined, ...Labels: string[]) =>
      ssm.send(new LabelParameterVersionCommand({ Name: '/labelled', ParameterVersion, Labels }));
    assert.deepEqual((await label(1, 'live', '1st', 'aws-x')).InvalidLabels, ['1st', 'aws-x']);
    assert.equal((await label(undefined, 'live')).ParameterVersion, 3);
    const { Parameters = [] } = await ssm.send(new GetParameterHistoryCommand({ Name: '/labelled' }));
    assert.deepEqual(
      Parameters.map(({ Version, Value, Labels }) => [Version, Value, Labels]),
      [
        [1, '1', []],
        [2, '2', []],
        [3, '3', ['live']],
      ],
    );
    await label(2, ...Array.from({ length: 10 }, (_, n) => `l${n}`));
    await assert.rejects(label(2, 'more'), refused('ParameterVersionLabelLimitExceeded'));
    const unlabelled = await ssm.send(
      new UnlabelParameterVersionCommand({ Name: '/labelled', ParameterVersion: 3, Labels: ['live', 'other'] }),
    );
    assert.deepEqual([unlabelled.RemovedLabels, unlabelled.InvalidLabels], [['live'], ['other']]);
  });

  test('are 100, of which the oldest goes, unless it has a label', async () => {
    for (let n = 1; n <= 101; n += 1) await put('/many', String(n), { Overwrite: true });
    const { Parameters: [oldest] = [] } = await ssm.send(new GetParameterHistoryCommand({ Name: '/many' }));
    assert.equal(oldest?.Version, 2);
    await ssm.send(new LabelParameterVersionCommand({ Name: '/many', ParameterVersion: 2, Labels: ['first'] }));
    await assert.rejects(
      put('/many', '102', { Overwrite: true }),
      refused('ParameterMaxVersionLimitExceeded', /Version 2, the oldest version/),
    );
  });
});

describe('several', () => {
  test('are got at once, and what is not there is said', async () => {
    await put('/both/a', '1');
    const got = await ssm.send(new GetParametersCommand({ Names: ['/both/a', '/both/b', '/both/a:9'] }));
    assert.deepEqual(
      got.Parameters?.map(({ Value }) => Value),
      ['1'],
    );
    assert.deepEqual(got.InvalidParameters, ['/both/b', '/both/a:9']);
    await assert.rejects(
      ssm.send(new GetParametersCommand({ Names: Array.from({ length: 11 }, (_, n) => `/n${n}`) })),
      refused(
        'ValidationException',
        /'names' failed to satisfy constraint: Member must have length less than or equal to 10/,
      ),
    );
    const gone = await ssm.send(new DeleteParametersCommand({ Names: ['/both/a', '/both/b'] }));
    assert.deepEqual([gone.DeletedParameters, gone.InvalidParameters], [['/both/a'], ['/both/b']]);
    await assert.rejects(ssm.send(new DeleteParameterCommand({ Name: '/both/a' })), refused('ParameterNotFound'));
  });

  test('are got by path, page by page, of one level or all, by type and label', async () => {
    for (let n = 0; n < 12; n += 1) await put(`/path/p${String(n).padStart(2, '0')}`, String(n));
    await put('/path/deep/er', 'd', { Type: 'SecureString' });
    await put('/pathology', 'no');
    const byPath = async (input: Partial<GetParametersByPathCommandInput> = {}) => {
      const { Parameters = [], NextToken } = await ssm.send(
        new GetParametersByPathCommand({ Path: '/path', WithDecryption: true, ...input }),
      );
      return { names: Parameters.map(({ Name }) => Name), values: Parameters.map(({ Value }) => Value), NextToken };
    };
    const first = await byPath();
    assert.deepEqual([first.names.length, first.names[0]], [10, '/path/p00']);
    assert.deepEqual((await byPath({ NextToken: first.NextToken })).names, ['/path/p10', '/path/p11']);
    assert.equal((await byPath({ Recursive: true })).names[0], '/path/deep/er');
    const secure = { Recursive: true, ParameterFilters: [{ Key: 'Type', Option: 'Equals', Values: ['SecureString'] }] };
    assert.deepEqual((await byPath(secure)).values, ['d']);
    await put('/path/p03', 'new', { Overwrite: true });
    await ssm.send(new LabelParameterVersionCommand({ Name: '/path/p03', ParameterVersion: 1, Labels: ['old'] }));
    assert.deepEqual((await byPath({ ParameterFilters: [{ Key: 'Label', Values: ['old'] }] })).values, ['3']);
    await assert.rejects(byPath({ Path: 'path' }), refused('ValidationException'));
    await assert.rejects(byPath({ NextToken: '\u0001' }), refused('InvalidNextToken'));
    await assert.rejects(byPath({ ParameterFilters: [{ Key: 'Name', Values: ['x'] }] }), refused('InvalidFilterKey'));
  });

  test('are described as filters ask', async () => {
    await put('/shop/a', '1', { Tags: [{ Key: 'team', Value: 'red' }] });
    await put('/shop/b/c', '2', { Tier: 'Advanced', Type: 'StringList' });
    const names = async (Key: string, Option: string | undefined, ...Values: string[]) =>
      (await ssm.send(new DescribeParametersCommand({ ParameterFilters: [{ Key, Option, Values }] }))).Parameters?.map(
        ({ Name }) => Name,
      );
    assert.deepEqual(await names('Name', 'BeginsWith', '/shop'), ['/shop/a', '/shop/b/c']);
    assert.deepEqual(await names('Name', 'Contains', 'op/b'), ['/shop/b/c']);
    assert.deepEqual(await names('Path', undefined, '/shop'), ['/shop/a']);
    assert.deepEqual(await names('Path', 'Recursive', '/shop'), ['/shop/a', '/shop/b/c']);
    assert.deepEqual(await names('tag:team', 'Equals', 'red'), ['/shop/a']);
    assert.deepEqual(await names('Type', undefined, 'StringList'), ['/shop/b/c']);
    await assert.rejects(names('Tier', 'Contains', 'x'), refused('InvalidFilterOption'));
    const older = await ssm.send(new DescribeParametersCommand({ Filters: [{ Key: 'Name', Values: ['/shop/b'] }] }));
    assert.deepEqual(
      older.Parameters?.map(({ Name }) => Name),
      ['/shop/b/c'],
    );
  });
});

test('tags are put, listed and taken', async () => {
  await put('/tagged', 'x');
  const resource = { ResourceType: 'Parameter', ResourceId: '/tagged' } as const;
  await ssm.send(
    new AddTagsToResourceCommand({
      ...resource,
      Tags: [
        { Key: 'ü: a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    }),
  );
  await ssm.send(new RemoveTagsFromResourceCommand({ ...resource, TagKeys: ['b'] }));
  const { TagList } = await ssm.send(new ListTagsForResourceCommand(resource));
  assert.deepEqual(TagList, [{ Key: 'ü: a', Value: '1' }]);
  await assert.rejects(
    ssm.send(new ListTagsForResourceCommand({ ...resource, ResourceId: '/nobody' })),
    refused('InvalidResourceId'),
  );
});

test('policies of other accounts are kept of advanced parameters, and changed by their hash', async () => {
  const { Version: _ } = await put('/shared', 'x', { Tier: 'Advanced' });
  await put('/unshared', 'x');
  const arn = (name: string): string => `arn:aws:ssm:us-east-1:000000000000:parameter${name}`;
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'ssm:GetParameter', Resource: arn('/shared') },
    ],
  });
  const share = (name: string, more: object = {}) =>
    ssm.send(new PutResourcePolicyCommand({ ResourceArn: arn(name), Policy, ...more }));
  await assert.rejects(share('/unshared'), refused('ResourcePolicyInvalidParameterException'));
  await assert.rejects(share('/shared', { Policy: '{' }), refused('MalformedResourcePolicyDocumentException'));
  const { PolicyId = '', PolicyHash = '' } = await share('/shared');
  await assert.rejects(share('/shared', { PolicyId, PolicyHash: 'other' }), refused('ResourcePolicyConflictException'));
  const { Policies } = await ssm.send(new GetResourcePoliciesCommand({ ResourceArn: arn('/shared') }));
  assert.deepEqual(Policies, [{ PolicyId, PolicyHash, Policy }]);
  await ssm.send(new DeleteResourcePolicyCommand({ ResourceArn: arn('/shared'), PolicyId, PolicyHash }));
  assert.deepEqual((await ssm.send(new GetResourcePoliciesCommand({ ResourceArn: arn('/shared') }))).Policies, []);
});

test('secrets are read by the name of a parameter, of one version or label', async () => {
  const secrets = new SecretsManagerClient(awsClient(mayfly));
  const { VersionId, ARN } = await secrets.send(new CreateSecretCommand({ Name: 'shop/db', SecretString: 'first' }));
  await secrets.send(new PutSecretValueCommand({ SecretId: 'shop/db', SecretString: 'second' }));
  const name = '/aws/reference/secretsmanager/shop/db';
  const got = await get(name, true);
  assert.deepEqual([got.Name, got.Type, got.Value, got.Version, got.ARN], [name, 'SecureString', 'second', 0, ARN]);
  assert.equal((JSON.parse(got.SourceResult ?? '{}') as { name: string }).name, 'shop/db');
  assert.deepEqual([await valueOf(`${name}:AWSPREVIOUS`), await valueOf(`${name}:${VersionId}`)], ['first', 'first']);
  await assert.rejects(get(name), refused('ValidationException', /WithDecryption flag must be True/));
  await assert.rejects(get('/aws/reference/secretsmanager/nobody', true), refused('ParameterNotFound'));
});

test('changes are told to the event bus, and what has expired is gone and told', { timeout: 120_000 }, async () => {
  const [sqs, events] = [new SQSClient(awsClient(mayfly)), new EventBridgeClient(awsClient(mayfly))];
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
    ],
  });
  await sqs.send(new CreateQueueCommand({ QueueName: 'told', Attributes: { Policy } }));
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'told' }));
  await events.send(new PutRuleCommand({ Name: 'parameters', EventPattern: '{"source":["aws.ssm"]}' }));
  await events.send(
    new PutTargetsCommand({
      Rule: 'parameters',
      Targets: [{ Id: 'queue', Arn: 'arn:aws:sqs:us-east-1:000000000000:told' }],
    }),
  );
  type Told = { 'detail-type': string; resources: string[]; detail: Record<string, string> };
  const told: Told[] = [];
  const until = async (isThere: (one: Told) => boolean): Promise<Told> => {
    for (;;) {
      const found = told.find(isThere);
      if (found !== undefined) return found;
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MaxNumberOfMessages: 10 }),
      );
      for (const { Body = '', ReceiptHandle } of Messages) {
        told.push(JSON.parse(Body) as Told);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  };
  const policies = (afterMs: number): string =>
    JSON.stringify([
      { Type: 'Expiration', Version: '1.0', Attributes: { Timestamp: new Date(Date.now() + afterMs).toISOString() } },
      { Type: 'ExpirationNotification', Version: '1.0', Attributes: { Before: '1', Unit: 'Hours' } },
    ]);
  await assert.rejects(
    put('/fleeting', 'x', { Policies: policies(60_000), Tier: 'Standard' }),
    refused('ValidationException', /advanced/),
  );
  await assert.rejects(
    put('/fleeting', 'x', { Policies: '[{"Type":"Other","Version":"1.0","Attributes":{}}]' }),
    refused('InvalidPolicyTypeException'),
  );
  await inTime(2_000, async (lastsMs) => {
    try {
      await put('/fleeting', 'x', { Policies: policies(lastsMs), Tier: 'Advanced' });
      return true;
    } catch (error) {
      // It is refused where its time is over already, because the machine had something else to do.
      refused('InvalidPolicyAttributeException', /is in the future/)(error as Error);
      return false;
    }
  });
  const created = await until(({ detail }) => detail['operation'] === 'Create');
  assert.deepEqual(created.detail, { operation: 'Create', name: '/fleeting', type: 'String' });
  assert.deepEqual(created.resources, ['arn:aws:ssm:us-east-1:000000000000:parameter/fleeting']);
  await until(({ detail }) => detail['policy-type'] === 'ExpirationNotification');
  const expired = await until(({ detail }) => detail['policy-type'] === 'Expiration');
  assert.deepEqual(
    [expired['detail-type'], expired.detail['parameter-name']],
    ['Parameter Store Policy Action', '/fleeting'],
  );
  await assert.rejects(get('/fleeting'), refused('ParameterNotFound'));
});
