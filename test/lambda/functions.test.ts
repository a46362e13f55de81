/** The life of a function through the official SDK for JavaScript, on a whole platform. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAccountSettingsCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  LambdaServiceException,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  paginateListFunctions,
  PublishVersionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilPublishedVersionActive,
  type CreateFunctionCommandInput,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { awsClient } from '../harness/aws-client.ts';
import { arnOf, echo, openLambdaRig, role, runtime, zipOf, type LambdaRig } from '../harness/lambda-rig.ts';

let rig: LambdaRig;
let lambda: LambdaClient;
before(async () => {
  rig = await openLambdaRig();
  lambda = rig.lambda;
});
after(() => rig[Symbol.asyncDispose]());

const waiter = { minDelay: 0.01, maxDelay: 1, maxWaitTime: 60 };

async function inputOf(
  FunctionName: string,
  more: Partial<CreateFunctionCommandInput> = {},
): Promise<CreateFunctionCommandInput> {
  return {
    FunctionName,
    Runtime: runtime,
    Handler: 'index.handler',
    Role: role,
    Code: { ZipFile: await zipOf(echo) },
    ...more,
  };
}

/** An error of Lambda's with this name, status and message. */
const named = (name: string, status: number, message: RegExp | string) => (error: unknown) => {
  assert.ok(error instanceof LambdaServiceException, String(error));
  assert.deepEqual([error.name, error.$metadata.httpStatusCode], [name, status], error.message);
  if (typeof message === 'string') assert.equal(error.message, message);
  else assert.match(error.message, message);
  return true;
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

test('a function is created as Pending, becomes Active, and is answered as Lambda answers it', async () => {
  const input = await inputOf('hello', {
    Description: 'says hello',
    MemorySize: 256,
    Timeout: 7,
    Environment: { Variables: { COLOUR: 'blue' } },
    EphemeralStorage: { Size: 1024 },
    TracingConfig: { Mode: 'Active' },
    LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'WARN' },
    Tags: { team: 'web' },
  });
  const { $metadata, RevisionId, LastModified, ...created } = await lambda.send(new CreateFunctionCommand(input));
  const zip = input.Code?.ZipFile ?? new Uint8Array();
  assert.equal($metadata.httpStatusCode, 201);
  assert.match(RevisionId ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-/);
  assert.match(LastModified ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
  const { RuntimeVersionConfig: _version, ...said } = created;
  assert.deepEqual(said, {
    FunctionName: 'hello',
    FunctionArn: arnOf('hello'),
    Runtime: runtime,
    Role: role,
    Handler: 'index.handler',
    CodeSize: zip.byteLength,
    CodeSha256: sha256(zip),
    Description: 'says hello',
    Timeout: 7,
    MemorySize: 256,
    Version: '$LATEST',
    Environment: { Variables: { COLOUR: 'blue' } },
    TracingConfig: { Mode: 'Active' },
    State: 'Pending',
    StateReason: 'The function is being created.',
    StateReasonCode: 'Creating',
    PackageType: 'Zip',
    Architectures: [process.arch === 'arm64' ? 'arm64' : 'x86_64'],
    EphemeralStorage: { Size: 1024 },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: {
      LogFormat: 'JSON',
      ApplicationLogLevel: 'WARN',
      SystemLogLevel: 'INFO',
      LogGroup: '/aws/lambda/hello',
    },
  });
  const active = await waitUntilFunctionActiveV2({ client: lambda, ...waiter }, { FunctionName: 'hello' });
  assert.equal(active.state, 'SUCCESS');
  const got = await lambda.send(new GetFunctionCommand({ FunctionName: 'hello' }));
  assert.deepEqual(
    [got.Configuration?.State, got.Configuration?.LastUpdateStatus, got.Configuration?.RevisionId],
    ['Active', 'Successful', RevisionId],
  );
  assert.deepEqual(got.Tags, { team: 'web' });
  assert.deepEqual((await rig.ask('hello', { a: 1 })).payload, { hello: { a: 1 } });
});

test('the zip is had from the address that GetFunction gives, and not without its signature', async () => {
  const input = await inputOf('code');
  await lambda.send(new CreateFunctionCommand(input));
  const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName: 'code' }));
  assert.equal(Code?.RepositoryType, 'S3');
  const location = Code?.Location ?? '';
  const answer = await fetch(location);
  assert.equal(answer.headers.get('content-type'), 'application/zip');
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), Buffer.from(input.Code?.ZipFile ?? []));
  assert.equal((await fetch(location.replace(/signature=../, 'signature=00'))).status, 403);
  assert.equal((await fetch(location.replace(/expires=\d/, 'expires=9'))).status, 403);
  assert.equal((await fetch(location.split('?')[0] ?? '')).status, 403);
});

test('code comes from a bucket', async () => {
  const s3 = new S3Client({ ...awsClient(rig.mayfly), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'zips' }));
  const Body = await zipOf({ ...echo, 'more.txt': 'x' });
  await s3.send(new PutObjectCommand({ Bucket: 'zips', Key: 'app/one.zip', Body }));
  s3.destroy();
  const S3 = { S3Bucket: 'zips', S3Key: 'app/one.zip' };
  const made = await lambda.send(new CreateFunctionCommand(await inputOf('from-bucket', { Code: S3 })));
  assert.equal(made.CodeSha256, sha256(Body));
  assert.deepEqual((await rig.ask('from-bucket', 1)).payload, { hello: 1 });
  const missing = { FunctionName: 'from-bucket', S3Bucket: 'zips', S3Key: 'none.zip' };
  await assert.rejects(
    lambda.send(new UpdateFunctionCodeCommand(missing)),
    named(
      'InvalidParameterValueException',
      400,
      'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
    ),
  );
  await assert.rejects(
    lambda.send(new UpdateFunctionCodeCommand({ ...missing, S3Bucket: 'no-such-bucket' })),
    named('InvalidParameterValueException', 400, /S3 Error Code: NoSuchBucket/),
  );
});

test('a name is taken once', async () => {
  await lambda.send(new CreateFunctionCommand(await inputOf('once')));
  await assert.rejects(
    lambda.send(new CreateFunctionCommand(await inputOf('once'))),
    named('ResourceConflictException', 409, 'Function already exist: once'),
  );
  const both = await Promise.allSettled(
    [1, 2].map(async () => lambda.send(new CreateFunctionCommand(await inputOf('race')))),
  );
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
});

test('an update changes what it names and leaves the rest; revisions guard it', async () => {
  const FunctionName = 'changing';
  const Environment = { Variables: { ONE: '1', TWO: '2' } };
  await lambda.send(new CreateFunctionCommand(await inputOf(FunctionName, { Environment, Description: 'first' })));
  const updated = await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 512 }));
  assert.deepEqual(
    [updated.LastUpdateStatus, updated.LastUpdateStatusReasonCode, updated.State],
    ['InProgress', 'Creating', 'Active'],
  );
  assert.deepEqual(
    [updated.MemorySize, updated.Description, updated.Environment?.Variables],
    [512, 'first', Environment.Variables],
  );
  await rig.updated(FunctionName);
  const replaced = await lambda.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName,
      Environment: { Variables: { THREE: '3' } },
      ...(updated.RevisionId === undefined ? {} : { RevisionId: updated.RevisionId }),
    }),
  );
  assert.deepEqual(replaced.Environment?.Variables, { THREE: '3' });
  assert.notEqual(replaced.RevisionId, updated.RevisionId);
  const stale = named(
    'PreconditionFailedException',
    412,
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
  );
  const RevisionId = updated.RevisionId ?? '';
  await assert.rejects(
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 9, RevisionId })),
    stale,
  );
  const ZipFile = await zipOf({ 'index.mjs': 'export const handler = async () => "two";\n' });
  await assert.rejects(lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile, RevisionId })), stale);
  await assert.rejects(lambda.send(new PublishVersionCommand({ FunctionName, RevisionId })), stale);
  const dry = await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile, DryRun: true }));
  assert.equal(dry.CodeSha256, sha256(ZipFile));
  assert.deepEqual((await rig.ask(FunctionName, 1)).payload, { hello: 1 });
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
  assert.equal((await rig.ask(FunctionName, 1)).payload, 'two');
});

test('of updates at once each is done, or refused and to be tried again; none undoes another', async () => {
  const FunctionName = 'contended';
  await lambda.send(new CreateFunctionCommand(await inputOf(FunctionName)));
  const ZipFile = await zipOf({ 'index.mjs': 'export const handler = async () => "other";\n' });
  const changes = [
    () => lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 333 })),
    () => lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 44 })),
    () => lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile, Publish: true })),
  ];
  const outcomes = await Promise.allSettled(changes.map((change) => change()));
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') continue;
    assert.ok(named('ResourceConflictException', 409, /An update is in progress for resource/)(outcome.reason));
    await changes[index]?.();
  }
  const now = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  assert.deepEqual([now.MemorySize, now.Timeout, now.CodeSha256], [333, 44, sha256(ZipFile)]);
});

test('what cannot be honoured is refused by name and changes nothing', async () => {
  const refusals: [Partial<CreateFunctionCommandInput>, RegExp][] = [
    [{ VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] } }, /^VpcConfig is not available here/],
    [{ KMSKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/1' }, /KMS key is invalid.*Invalid keyId '1'/],
    [{ PackageType: 'Image', Code: { ImageUri: 'x/y:z' } }, /^PackageType Image is not available here/],
    [{ Code: { ImageUri: 'x/y:z' } }, /^ImageUri is not available here/],
    [{ Architectures: [process.arch === 'arm64' ? 'x86_64' : 'arm64'] }, /^Architectures \[.*\] is not available here/],
    [{ DeadLetterConfig: { TargetArn: 'arn:aws:sns:us-east-1:000000000000:t' } }, /^DeadLetterConfig is not available/],
    [{ Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:none:1'] }, /^Layer version .*:none:1 does not exist\.$/],
    [
      { SnapStart: { ApplyOn: 'PublishedVersions' } },
      /^nodejs.*\.x is not supported for SnapStart enabled functions\.$/,
    ],
    [{ LoggingConfig: { LogFormat: 'Text', SystemLogLevel: 'INFO' } }, /^Log levels need LogFormat JSON/],
    [{ Environment: { Variables: { AWS_REGION: 'x' } } }, /Reserved keys used in this request: AWS_REGION$/],
    [{ Environment: { Variables: { AA: 'x'.repeat(4_096) } } }, /exceeded the 4KB limit\. String measured: /],
  ];
  for (const [more, message] of refusals) {
    const refused = lambda.send(new CreateFunctionCommand(await inputOf('refused', more)));
    await assert.rejects(refused, named('InvalidParameterValueException', 400, message));
  }
  const get = lambda.send(new GetFunctionCommand({ FunctionName: 'refused' }));
  await assert.rejects(get, named('ResourceNotFoundException', 404, `Function not found: ${arnOf('refused')}`));
});

test('what a vacant setting leaves out is accepted', async () => {
  const vacant = {
    VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
    KMSKeyArn: '',
    DeadLetterConfig: { TargetArn: '' },
    FileSystemConfigs: [],
    Layers: [],
    Environment: {},
  };
  const made = await lambda.send(new CreateFunctionCommand(await inputOf('vacant', vacant)));
  assert.deepEqual([made.Environment, made.Layers, made.DeadLetterConfig], [undefined, undefined, undefined]);
});

test('versions are frozen, numbered and told apart by what changed', async () => {
  const FunctionName = 'versions';
  const created = await lambda.send(new CreateFunctionCommand(await inputOf(FunctionName, { Publish: true })));
  assert.deepEqual([created.Version, created.FunctionArn, created.State], ['1', arnOf(FunctionName), 'Pending']);
  await waitUntilPublishedVersionActive({ client: lambda, ...waiter }, { FunctionName, Qualifier: '1' });
  const again = await lambda.send(new PublishVersionCommand({ FunctionName, Description: 'nothing new' }));
  assert.equal(again.Version, '1');
  const wrong = lambda.send(new PublishVersionCommand({ FunctionName, CodeSha256: 'wrong' }));
  await assert.rejects(
    wrong,
    named(
      'InvalidParameterValueException',
      400,
      `CodeSHA256 (wrong) is different from current CodeSHA256 in $LATEST (${created.CodeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
    ),
  );
  const ZipFile = await zipOf({ 'index.mjs': 'export const handler = async () => "two";\n' });
  const second = await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile, Publish: true }));
  assert.deepEqual([second.Version, second.FunctionArn], ['2', `${arnOf(FunctionName)}:2`]);
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 4 }));
  const third = await lambda.send(new PublishVersionCommand({ FunctionName, Description: 'the third' }));
  assert.deepEqual([third.Version, third.Description, third.State], ['3', 'the third', 'Active']);
  const { Versions = [] } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
  assert.deepEqual(
    Versions.map((version) => [version.Version, version.FunctionArn, version.Description, version.State]),
    [
      ['$LATEST', `${arnOf(FunctionName)}:$LATEST`, '', undefined],
      ['1', `${arnOf(FunctionName)}:1`, '', undefined],
      ['2', `${arnOf(FunctionName)}:2`, '', undefined],
      ['3', `${arnOf(FunctionName)}:3`, 'the third', undefined],
    ],
  );
  assert.deepEqual((await rig.ask(FunctionName, 1, { Qualifier: '1' })).payload, { hello: 1 });
  assert.equal((await rig.ask(`${FunctionName}:2`, 1)).payload, 'two');
  const one = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: `${arnOf(FunctionName)}:1` }));
  assert.deepEqual([one.Version, one.Timeout, one.CodeSha256], ['1', 3, created.CodeSha256]);
  await lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '2' }));
  await assert.rejects(
    lambda.send(new GetFunctionCommand({ FunctionName, Qualifier: '2' })),
    named('ResourceNotFoundException', 404, `Function not found: ${arnOf(FunctionName)}:2`),
  );
});

test('aliases point, share out, and guard what they point to', async () => {
  const FunctionName = 'aliased';
  await lambda.send(new CreateFunctionCommand(await inputOf(FunctionName, { Publish: true })));
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 4 }));
  await lambda.send(new PublishVersionCommand({ FunctionName }));
  const made = await lambda.send(
    new CreateAliasCommand({
      FunctionName,
      Name: 'prod',
      FunctionVersion: '1',
      Description: 'what people see',
      RoutingConfig: { AdditionalVersionWeights: { '2': 0.25 } },
    }),
  );
  const { $metadata, RevisionId = '', ...said } = made;
  assert.equal($metadata.httpStatusCode, 201);
  assert.deepEqual(said, {
    AliasArn: `${arnOf(FunctionName)}:prod`,
    Name: 'prod',
    FunctionVersion: '1',
    Description: 'what people see',
    RoutingConfig: { AdditionalVersionWeights: { '2': 0.25 } },
  });
  const through = await lambda.send(new GetFunctionCommand({ FunctionName, Qualifier: 'prod' }));
  assert.deepEqual(
    [through.Configuration?.FunctionArn, through.Configuration?.Version],
    [`${arnOf(FunctionName)}:prod`, '1'],
  );
  const described = await lambda.send(
    new UpdateAliasCommand({ FunctionName, Name: 'prod', Description: 'new', RevisionId }),
  );
  assert.deepEqual([described.RoutingConfig, described.Description], [said.RoutingConfig, 'new']);
  await assert.rejects(
    lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'prod', FunctionVersion: '2', RevisionId })),
    named('PreconditionFailedException', 412, /Revision Id/),
  );
  const settled = await lambda.send(
    new UpdateAliasCommand({ FunctionName, Name: 'prod', RoutingConfig: { AdditionalVersionWeights: {} } }),
  );
  assert.equal(settled.RoutingConfig, undefined);
  await assert.rejects(
    lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '1' })),
    named('ResourceConflictException', 409, /prod/),
  );
  await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'beta', FunctionVersion: '2' }));
  const listed = await lambda.send(new ListAliasesCommand({ FunctionName }));
  assert.deepEqual(
    listed.Aliases?.map(({ Name }) => Name),
    ['beta', 'prod'],
  );
  const ofTwo = await lambda.send(new ListAliasesCommand({ FunctionName, FunctionVersion: '2' }));
  assert.deepEqual(
    ofTwo.Aliases?.map(({ Name }) => Name),
    ['beta'],
  );
  await lambda.send(new DeleteAliasCommand({ FunctionName, Name: 'beta' }));
  await assert.rejects(
    lambda.send(new GetAliasCommand({ FunctionName, Name: 'beta' })),
    named('ResourceNotFoundException', 404, `Cannot find alias arn: ${arnOf(FunctionName)}:beta`),
  );
});

test('aliases are refused in the words of Lambda', async () => {
  const FunctionName = 'misaliased';
  await lambda.send(new CreateFunctionCommand(await inputOf(FunctionName, { Publish: true })));
  const make = (more: object) =>
    lambda.send(new CreateAliasCommand({ FunctionName, Name: 'a', FunctionVersion: '1', ...more }));
  const weights = (AdditionalVersionWeights: Record<string, number>) => ({
    RoutingConfig: { AdditionalVersionWeights },
  });
  const value = 'InvalidParameterValueException';
  const refusals: [object, string, string][] = [
    [
      weights({ '1': 0.5 }),
      value,
      'Invalid function version 1. Function version 1 is already included in routing configuration.',
    ],
    [weights({ '2': 0.5, '3': 0.1 }), value, 'Number of items in AdditionalVersionWeights cannot be greater than 1'],
    [
      { FunctionVersion: '$LATEST', ...weights({ '1': 0.5 }) },
      value,
      '$LATEST is not supported for an alias pointing to more than 1 version',
    ],
    [
      weights({ '2': 2 }),
      'ValidationException',
      "1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]",
    ],
    [
      weights({ $LATEST: 0.5 }),
      'ValidationException',
      "1 validation error detected: Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+, Member must not be null]",
    ],
    [
      { Name: '7' },
      'ValidationException',
      "1 validation error detected: Value '7' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
    ],
  ];
  for (const [more, name, message] of refusals) await assert.rejects(make(more), named(name, 400, message));
  await assert.rejects(
    make({ FunctionVersion: '10' }),
    named('ResourceNotFoundException', 404, `Function not found: ${arnOf(FunctionName)}:10`),
  );
  await make({});
  await assert.rejects(
    make({}),
    named('ResourceConflictException', 409, `Alias already exists: ${arnOf(FunctionName)}:a`),
  );
});

test('functions are listed in pages, and with their versions', async () => {
  for (const name of ['page-b', 'page-a', 'page-c'])
    await lambda.send(new CreateFunctionCommand(await inputOf(name, { Publish: name === 'page-b' })));
  const names: string[] = [];
  let pages = 0;
  for await (const page of paginateListFunctions({ client: lambda, pageSize: 2 }, {})) {
    pages += 1;
    assert.ok((page.Functions ?? []).length <= 2);
    names.push(...(page.Functions ?? []).map(({ FunctionName = '' }) => FunctionName));
  }
  assert.ok(pages > 1);
  assert.deepEqual(
    names,
    names.toSorted((a, b) => (a < b ? -1 : 1)),
  );
  assert.ok(['page-a', 'page-b', 'page-c'].every((name) => names.includes(name)));
  const all: string[] = [];
  for await (const page of paginateListFunctions({ client: lambda }, { FunctionVersion: 'ALL' })) {
    for (const { FunctionArn = '' } of page.Functions ?? []) if (FunctionArn.includes('page-')) all.push(FunctionArn);
  }
  assert.deepEqual(all, [
    `${arnOf('page-a')}:$LATEST`,
    `${arnOf('page-b')}:$LATEST`,
    `${arnOf('page-b')}:1`,
    `${arnOf('page-c')}:$LATEST`,
  ]);
  const none = await lambda.send(new ListFunctionsCommand({ MasterRegion: 'us-west-2' }));
  assert.deepEqual(none.Functions, []);
});

test('tags are set, replaced, listed and taken away', async () => {
  await lambda.send(new CreateFunctionCommand(await inputOf('tagged', { Tags: { a: '1' } })));
  const Resource = arnOf('tagged');
  const tags = async () => (await lambda.send(new ListTagsCommand({ Resource }))).Tags;
  const { $metadata } = await lambda.send(new TagResourceCommand({ Resource, Tags: { a: '2', b: '3' } }));
  assert.equal($metadata.httpStatusCode, 204);
  assert.deepEqual(await tags(), { a: '2', b: '3' });
  await lambda.send(new UntagResourceCommand({ Resource, TagKeys: ['a', 'none'] }));
  assert.deepEqual(await tags(), { b: '3' });
  await assert.rejects(
    lambda.send(new TagResourceCommand({ Resource: `${Resource}:1`, Tags: { a: '1' } })),
    named(
      'InvalidParameterValueException',
      400,
      'Tags on function aliases and versions are not supported. Please specify a function ARN.',
    ),
  );
  await assert.rejects(
    lambda.send(new ListTagsCommand({ Resource: arnOf('nobody') })),
    named('ResourceNotFoundException', 404, `Function not found: ${arnOf('nobody')}`),
  );
});

test('event source mappings have tags too', async () => {
  const sqs = new SQSClient(awsClient(rig.mayfly));
  await sqs.send(new CreateQueueCommand({ QueueName: 'tagging', Attributes: { VisibilityTimeout: '60' } }));
  sqs.destroy();
  await lambda.send(new CreateFunctionCommand(await inputOf('tag-source')));
  const { EventSourceMappingArn: Resource = '' } = await lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'tag-source',
      EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:tagging',
      Enabled: false,
      Tags: { a: '1' },
    }),
  );
  const tags = async () => (await lambda.send(new ListTagsCommand({ Resource }))).Tags;
  await lambda.send(new TagResourceCommand({ Resource, Tags: { b: '2' } }));
  assert.deepEqual(await tags(), { a: '1', b: '2' });
  await lambda.send(new UntagResourceCommand({ Resource, TagKeys: ['a', 'b'] }));
  assert.deepEqual(await tags(), {});
  await assert.rejects(
    lambda.send(new ListTagsCommand({ Resource: Resource.replace(/.$/, (last) => (last === '0' ? '1' : '0')) })),
    named('ResourceNotFoundException', 404, 'The resource you requested does not exist.'),
  );
});

test('a deleted function is gone with all that was its own', async () => {
  const FunctionName = 'short-lived';
  await lambda.send(new CreateFunctionCommand(await inputOf(FunctionName, { Publish: true })));
  await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'x', FunctionVersion: '1' }));
  await assert.rejects(
    lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '$LATEST' })),
    named('InvalidParameterValueException', 400, '$LATEST version cannot be deleted without deleting the function.'),
  );
  await assert.rejects(
    lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier: 'x' })),
    named('InvalidParameterValueException', 400, 'Deletion of aliases is not currently supported.'),
  );
  const deleted = await lambda.send(new DeleteFunctionCommand({ FunctionName }));
  assert.equal(deleted.$metadata.httpStatusCode, 204);
  const gone = named('ResourceNotFoundException', 404, `Function not found: ${arnOf(FunctionName)}`);
  await assert.rejects(lambda.send(new GetFunctionCommand({ FunctionName })), gone);
  await assert.rejects(lambda.send(new DeleteFunctionCommand({ FunctionName })), gone);
  await assert.rejects(lambda.send(new ListAliasesCommand({ FunctionName })), gone);
  await lambda.send(new CreateFunctionCommand(await inputOf(FunctionName)));
  const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
  assert.equal(Versions?.length, 1);
});

test('the account says what it has, and how much is left of it', async () => {
  const before = await lambda.send(new GetAccountSettingsCommand({}));
  const input = await inputOf('counted', { Publish: true });
  await lambda.send(new CreateFunctionCommand(input));
  const { AccountLimit, AccountUsage } = await lambda.send(new GetAccountSettingsCommand({}));
  assert.deepEqual(AccountLimit, {
    TotalCodeSize: 80_530_636_800,
    CodeSizeUnzipped: 262_144_000,
    CodeSizeZipped: 52_428_800,
    ConcurrentExecutions: 1_000,
    UnreservedConcurrentExecutions: 1_000,
  });
  const bytes = input.Code?.ZipFile?.byteLength ?? 0;
  assert.deepEqual(AccountUsage, {
    FunctionCount: (before.AccountUsage?.FunctionCount ?? 0) + 1,
    TotalCodeSize: (before.AccountUsage?.TotalCodeSize ?? 0) + 2 * bytes,
  });
});

test('what was answered is there after the platform was killed', async () => {
  const FunctionName = 'survivor';
  await using own = await openLambdaRig();
  await own.lambda.send(
    new CreateFunctionCommand(await inputOf(FunctionName, { Publish: true, Tags: { a: '1' }, Description: 'kept' })),
  );
  await own.lambda.send(new CreateAliasCommand({ FunctionName, Name: 'prod', FunctionVersion: '1' }));
  const before = await own.lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier: 'prod' }));
  const mayfly = await own.mayfly.killAndRestart();
  try {
    const again = new LambdaClient(awsClient(mayfly));
    const { $metadata: _then, ...kept } = before;
    const { $metadata: _now, ...found } = await again.send(
      new GetFunctionConfigurationCommand({ FunctionName, Qualifier: 'prod' }),
    );
    assert.deepEqual(found, kept);
    assert.deepEqual((await again.send(new ListTagsCommand({ Resource: arnOf(FunctionName) }))).Tags, { a: '1' });
    again.destroy();
  } finally {
    await mayfly.killed();
  }
});
