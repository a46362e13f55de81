/** Lambda through the official SDK for JavaScript: waiters, paginators, streams, typed errors. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeWithResponseStreamCommand,
  ListTagsCommand,
  paginateListAliases,
  paginateListFunctions,
  paginateListVersionsByFunction,
  PublishVersionCommand,
  ResourceConflictException,
  ResourceNotFoundException,
  TagResourceCommand,
  TooManyRequestsException,
  PutFunctionConcurrencyCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilPublishedVersionActive,
} from '@aws-sdk/client-lambda';
import { inTime } from './harness/in-time.ts';
import { arnOf, echo, openLambdaRig, role, runtime, zipOf, type LambdaRig } from './harness/lambda-rig.ts';

let rig: LambdaRig;
before(async () => {
  rig = await openLambdaRig();
});
after(() => rig[Symbol.asyncDispose]());

const isGone = { name: 'ResourceNotFoundException' };

test('what a function is made of is answered as it was given, and defaults are Lambda’s', async () => {
  const { lambda } = rig;
  const ZipFile = await zipOf(echo);
  const made = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'made',
      Runtime: runtime,
      Handler: 'index.handler',
      Role: role,
      Code: { ZipFile },
      Tags: { team: 'birds' },
      Environment: { Variables: { WORD: 'egg' } },
    }),
  );
  const { LastModified = '', RevisionId = '', $metadata, RuntimeVersionConfig, ...rest } = made;
  assert.equal($metadata.httpStatusCode, 201);
  assert.match(LastModified, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
  assert.match(RevisionId, /^[0-9a-f-]{36}$/);
  assert.match(RuntimeVersionConfig?.RuntimeVersionArn ?? '', /^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/);
  assert.deepEqual(rest, {
    Architectures: [process.arch === 'arm64' ? 'arm64' : 'x86_64'],
    CodeSha256: createHash('sha256').update(ZipFile).digest('base64'),
    CodeSize: ZipFile.byteLength,
    Description: '',
    Environment: { Variables: { WORD: 'egg' } },
    EphemeralStorage: { Size: 512 },
    FunctionArn: arnOf('made'),
    FunctionName: 'made',
    Handler: 'index.handler',
    LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/made' },
    MemorySize: 128,
    PackageType: 'Zip',
    Role: role,
    Runtime: runtime,
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    State: 'Pending',
    StateReason: 'The function is being created.',
    StateReasonCode: 'Creating',
    Timeout: 3,
    TracingConfig: { Mode: 'PassThrough' },
    Version: '$LATEST',
  });
  await lambda.send(new TagResourceCommand({ Resource: arnOf('made'), Tags: { size: 'small' } }));
  await lambda.send(new UntagResourceCommand({ Resource: arnOf('made'), TagKeys: ['team'] }));
  assert.deepEqual((await lambda.send(new ListTagsCommand({ Resource: arnOf('made') }))).Tags, { size: 'small' });
  await assert.rejects(lambda.send(new GetFunctionCommand({ FunctionName: 'none' })), ResourceNotFoundException);
});

test('versions and aliases are published, waited for and listed in pages', async () => {
  const { lambda } = rig;
  const FunctionName = 'versions';
  await rig.make(FunctionName, echo);
  for (const text of ['one', 'two', 'three']) {
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: await zipOf({ ...echo, text }) }));
    await rig.updated(FunctionName);
    const { Version = '' } = await lambda.send(new PublishVersionCommand({ FunctionName, Description: text }));
    await waitUntilPublishedVersionActive(
      { client: lambda, minDelay: 0.02, maxDelay: 0.5, maxWaitTime: 60 },
      { FunctionName, Qualifier: Version },
    );
    await lambda.send(new CreateAliasCommand({ FunctionName, Name: `alias-${text}`, FunctionVersion: Version }));
  }
  const versions: (string | undefined)[] = [];
  const paged = { client: lambda, pageSize: 1 };
  for await (const { Versions = [] } of paginateListVersionsByFunction(paged, { FunctionName })) {
    versions.push(...Versions.map(({ Version }) => Version));
  }
  assert.deepEqual(versions, ['$LATEST', '1', '2', '3']);
  const aliases: (string | undefined)[] = [];
  for await (const { Aliases = [] } of paginateListAliases({ client: lambda, pageSize: 2 }, { FunctionName })) {
    aliases.push(...Aliases.map(({ Name, FunctionVersion }) => `${Name} → ${FunctionVersion}`));
  }
  assert.deepEqual(aliases, ['alias-one → 1', 'alias-three → 3', 'alias-two → 2']);
  const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName, Qualifier: 'alias-two' }));
  assert.deepEqual([Configuration?.Version, Configuration?.Description], ['2', 'two']);
  await lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'alias-two', FunctionVersion: '3' }));
  assert.equal((await rig.ask(`${FunctionName}:alias-two`)).version, '3');
  await assert.rejects(
    lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '3' })),
    ResourceConflictException,
  );
});

test('every revision is another one, and settings that are not named stay', async () => {
  const { lambda } = rig;
  const FunctionName = 'revisions';
  await rig.make(FunctionName, echo, { Environment: { Variables: { WORD: '1' } }, Description: 'kept' });
  const before = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const changed = await lambda.send(
    new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 7, RevisionId: before.RevisionId }),
  );
  assert.notEqual(changed.RevisionId, before.RevisionId);
  assert.deepEqual([changed.Timeout, changed.Description, changed.Environment?.Variables], [7, 'kept', { WORD: '1' }]);
  await rig.updated(FunctionName);
  await assert.rejects(
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 8, RevisionId: before.RevisionId })),
    { name: 'PreconditionFailedException' },
  );
  const dry = await lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName, ZipFile: await zipOf({ 'other.mjs': '' }), DryRun: true }),
  );
  assert.notEqual(dry.CodeSha256, before.CodeSha256);
  const after = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  assert.equal(after.CodeSha256, before.CodeSha256, 'a dry run changes nothing');
});

test('an answer is streamed while it is written', async () => {
  const { lambda } = rig;
  const streams = {
    'index.mjs': `export const handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('first ');
  await new Promise((resolve) => setTimeout(resolve, event.waitMs));
  stream.write('second');
  stream.end();
});
`,
  };
  await rig.make('streams', streams, { Timeout: 60 });
  await inTime(300, async (waitMs) => {
    const Payload = Buffer.from(JSON.stringify({ waitMs }));
    const { EventStream } = await lambda.send(
      new InvokeWithResponseStreamCommand({ FunctionName: 'streams', Payload, LogType: 'Tail' }),
    );
    const chunks: { text: string; atMs: number }[] = [];
    let complete: { ErrorCode?: string | undefined; LogResult?: string | undefined } | undefined;
    for await (const event of EventStream ?? []) {
      const bytes = event.PayloadChunk?.Payload;
      if (bytes !== undefined) chunks.push({ text: Buffer.from(bytes).toString(), atMs: performance.now() });
      complete ??= event.InvokeComplete;
    }
    assert.equal(chunks.map(({ text }) => text).join(''), 'first second');
    assert.equal(complete?.ErrorCode, undefined);
    assert.match(Buffer.from(complete?.LogResult ?? '', 'base64').toString(), /REPORT RequestId/);
    // The first is there before the last is written.
    return (chunks.at(-1)?.atMs ?? 0) - (chunks[0]?.atMs ?? 0) > waitMs / 2;
  });
});

test('throttling is typed, says why, and when to come again', async () => {
  const { lambda } = rig;
  await rig.make('throttled', echo);
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'throttled', ReservedConcurrentExecutions: 0 }));
  await assert.rejects(rig.ask('throttled'), (error) => {
    assert.ok(error instanceof TooManyRequestsException);
    assert.equal(error.$metadata.httpStatusCode, 429);
    assert.equal(error.Reason, 'ReservedFunctionConcurrentInvocationLimitExceeded');
    assert.equal(error.message, 'Rate Exceeded.');
    return true;
  });
});

test('the account’s figures are those of its functions, and deleting returns them', async () => {
  const { lambda } = rig;
  const names: string[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client: lambda, pageSize: 2 }, {})) {
    names.push(...Functions.map(({ FunctionName = '' }) => FunctionName));
  }
  const { AccountLimit, AccountUsage } = await lambda.send(new GetAccountSettingsCommand({}));
  assert.deepEqual([AccountLimit?.ConcurrentExecutions, AccountLimit?.CodeSizeUnzipped], [1_000, 262_144_000]);
  assert.equal(AccountUsage?.FunctionCount, names.length);
  assert.ok((AccountUsage?.TotalCodeSize ?? 0) > 0);
  for (const FunctionName of names) await lambda.send(new DeleteFunctionCommand({ FunctionName }));
  const { AccountUsage: left } = await lambda.send(new GetAccountSettingsCommand({}));
  assert.deepEqual(left, { FunctionCount: 0, TotalCodeSize: 0 });
  await assert.rejects(rig.ask(names[0] ?? ''), isGone);
});
