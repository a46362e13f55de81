/** More than a hundred wrong requests through the official SDK: each is answered with AWS's status, code and message, and changes nothing. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionCommand,
  LambdaServiceException,
  ListFunctionsCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionCodeCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ZipFile } from 'yazl';
import { buffer } from 'node:stream/consumers';
import { administratorOf, callApi, sendApi } from './harness/api-client.ts';
import { awsClient } from './harness/aws-client.ts';
import { arnOf, echo, openLambdaRig, zipOf, type LambdaRig } from './harness/lambda-rig.ts';
import { wrongAroundFunctions } from './harness/wrong-requests/around-functions.ts';
import { wrongFunctions } from './harness/wrong-requests/functions.ts';
import { wrongRunning } from './harness/wrong-requests/running-functions.ts';
import type { WrongRequest } from './harness/wrong-requests/wrong-request.ts';

const unzippedBytesMax = 262_144_000;

let rig: LambdaRig;
const zips = {
  zip: await zipOf(echo),
  bomb: await zipBomb(),
  empty: await zipOf({}),
  // The same length, so that the zip stays whole.
  climbing: Buffer.from(
    (await zipOf({ 'aaa/b.mjs': '' })).toString('latin1').replaceAll('aaa/b', '../b/'.slice(0, 5)),
    'latin1',
  ),
};

before(async () => {
  rig = await openLambdaRig();
  const { lambda, mayfly } = rig;
  const FunctionName = 'made';
  await rig.make(FunctionName, echo);
  await lambda.send(new PublishVersionCommand({ FunctionName }));
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: await zipOf({ ...echo, 'two.txt': '2' }) }));
  await rig.updated(FunctionName);
  await lambda.send(new PublishVersionCommand({ FunctionName }));
  await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));

  const s3 = new S3Client({ ...awsClient(mayfly), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'code' }));
  const sqs = new SQSClient(awsClient(mayfly));
  for (const [QueueName, VisibilityTimeout] of [
    ['jobs', '30'],
    ['other', '30'],
    ['hasty', '5'],
  ] as const) {
    await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout } }));
  }

  const layer = { ZipFile: await zipOf({ 'nodejs/node_modules/tool/index.js': 'module.exports = 1;\n' }) };
  await lambda.send(new PublishLayerVersionCommand({ LayerName: 'tools', Content: layer }));
  const permission = { Action: 'lambda:InvokeFunction', Principal: 's3.amazonaws.com' };
  await lambda.send(new AddPermissionCommand({ FunctionName, StatementId: 'there', ...permission }));
  await lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'AWS_IAM' }));
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 10 }));
  const EventSourceArn = 'arn:aws:sqs:us-east-1:000000000000:jobs';
  await lambda.send(new CreateEventSourceMappingCommand({ FunctionName, EventSourceArn, Enabled: false }));
});

after(() => rig[Symbol.asyncDispose]());

async function zipBomb(): Promise<Buffer> {
  const zip = new ZipFile();
  const zeros = Buffer.alloc(unzippedBytesMax / 4 + 1);
  for (const name of ['a', 'b', 'c', 'd']) zip.addBuffer(zeros, name, { compressionLevel: 1 });
  zip.end();
  return buffer(zip.outputStream);
}

async function answerTo(lambda: LambdaClient, { command }: WrongRequest): Promise<LambdaServiceException> {
  try {
    await lambda.send(command as Parameters<LambdaClient['send']>[0]);
  } catch (error) {
    assert.ok(error instanceof LambdaServiceException, String(error));
    return error;
  }
  return assert.fail('it was accepted');
}

function assertIs(error: LambdaServiceException, { status, code, message }: WrongRequest): void {
  assert.deepEqual([error.$metadata.httpStatusCode, error.name], [status, code], error.message);
  if (typeof message === 'string') assert.equal(error.message, message);
  else assert.match(error.message, message);
  assert.match(error.$metadata.requestId ?? '', /^[0-9a-f-]{36}$/);
}

const tables = {
  'functions, versions, aliases': wrongFunctions(zips),
  'layers, permissions, addresses': wrongAroundFunctions,
  'concurrency, events, invocations': wrongRunning,
};

for (const [name, rows] of Object.entries(tables)) {
  describe(name, () => {
    for (const row of rows) {
      test(row.what, async () => assertIs(await answerTo(rig.lambda, row), row));
    }
  });
}

test('what was refused has left nothing behind, and what is right is still accepted', async () => {
  const { Functions = [] } = await rig.lambda.send(new ListFunctionsCommand({}));
  assert.deepEqual(
    Functions.map(({ FunctionName }) => FunctionName),
    ['made'],
  );
  const { Configuration, Concurrency } = await rig.lambda.send(new GetFunctionCommand({ FunctionName: 'made' }));
  assert.deepEqual([Configuration?.Timeout, Configuration?.MemorySize, Configuration?.Layers], [10, 256, undefined]);
  assert.equal(Concurrency?.ReservedConcurrentExecutions, 10);
  assert.deepEqual((await rig.ask('made', 1)).payload, { hello: 1 });
});

/** Past the SDK, which would not send them. */
describe('on the wire', () => {
  const target = '/2015-03-31/functions';
  const get = { target, service: 'lambda' };
  const create = (body: string) => ({ ...get, method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const made = {
    FunctionName: 'wire',
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::000000000000:role/any',
  };

  const cases: readonly [what: string, send: () => Promise<Response>, status: number, code: string, message: RegExp][] =
    [
      [
        'no signature',
        () => sendApi(rig.mayfly, get, {}),
        403,
        'MissingAuthenticationTokenException',
        /Missing Authentication Token/,
      ],
      [
        'a wrong secret',
        () =>
          callApi(rig.mayfly, { ...get, credentials: { ...administratorOf(rig.mayfly), secretAccessKey: 'guessed' } }),
        403,
        'InvalidSignatureException',
        /^The request signature we calculated does not match the signature you provided\./,
      ],
      [
        'a key that nobody has',
        () =>
          callApi(rig.mayfly, { ...get, credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' } }),
        403,
        'UnrecognizedClientException',
        /^The security token included in the request is invalid\.?$/,
      ],
      ['a body that is not JSON', () => callApi(rig.mayfly, create('{oops')), 400, 'SerializationException', /./],
      [
        'a number that is a text',
        () => callApi(rig.mayfly, create(JSON.stringify({ ...made, Code: {}, MemorySize: 'much' }))),
        400,
        'SerializationException',
        /./,
      ],
      [
        'nothing that is required',
        () => callApi(rig.mayfly, create('{}')),
        400,
        'ValidationException',
        /^\d validation errors detected: .*Value null at 'functionName' failed to satisfy constraint: Member must not be null/,
      ],
      [
        'a path that leads nowhere',
        () => callApi(rig.mayfly, { ...get, target: '/2015-03-31/nothing' }),
        404,
        'UnknownOperationException',
        /./,
      ],
    ];

  for (const [what, send, status, code, message] of cases) {
    test(what, async () => {
      const response = await send();
      const text = await response.text();
      assert.equal(response.status, status, text);
      assert.equal(response.headers.get('x-amzn-errortype')?.split(':')[0], code, text);
      const body = JSON.parse(text) as { message?: string; Message?: string };
      assert.match(body.message ?? body.Message ?? '', message);
    });
  }
});

test(`the functions' ARNs are those of the account`, async () => {
  const { Configuration } = await rig.lambda.send(new GetFunctionCommand({ FunctionName: arnOf('made') }));
  assert.equal(Configuration?.FunctionArn, arnOf('made'));
});
