/** What becomes of asynchronous events: configuration through Lambda's API, destinations, and the platform's death in between. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  CreateCodeSigningConfigCommand,
  CreateCapacityProviderCommand,
  GetDurableExecutionCommand,
  InvokeCommand,
  LambdaClient,
  ListCodeSigningConfigsCommand,
  ListFunctionEventInvokeConfigsCommand,
  paginateListFunctionEventInvokeConfigs,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionEventInvokeConfigCommand,
  type LambdaServiceException,
  type PutFunctionEventInvokeConfigCommandInput,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { arnOf, openLambdaRig, type LambdaRig } from '../harness/lambda-rig.ts';

const code = {
  'index.mjs': `
export const handler = async (event) => {
  if (event.sleepMs) await new Promise((resolve) => setTimeout(resolve, event.sleepMs));
  if (event.fail) throw new RangeError('it failed');
  return { did: event };
};
`,
};
const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;

let rig: LambdaRig;
let sqs: SQSClient;
before(async () => {
  rig = await openLambdaRig();
  sqs = new SQSClient(awsClient(rig.mayfly));
  await rig.make('work', code);
  for (const QueueName of ['told', 'failed']) await sqs.send(new CreateQueueCommand({ QueueName }));
});
after(async () => {
  sqs.destroy();
  await rig[Symbol.asyncDispose]();
});

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as LambdaServiceException;
    return `${$metadata.httpStatusCode} ${name}: ${message}`;
  }
  return assert.fail('it was not refused');
}

const put = (more: Omit<PutFunctionEventInvokeConfigCommandInput, 'FunctionName'>, FunctionName = 'work') =>
  rig.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, ...more }));
const destinations = (onSuccess?: string, onFailure?: string) => ({
  DestinationConfig: {
    ...(onSuccess === undefined ? {} : { OnSuccess: { Destination: onSuccess } }),
    ...(onFailure === undefined ? {} : { OnFailure: { Destination: onFailure } }),
  },
});
const event = (FunctionName: string, payload: object) =>
  rig.lambda.send(
    new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(payload)) }),
  );

type InvocationRecord = {
  timestamp: string;
  requestContext: { requestId: string; functionArn: string };
  responsePayload: unknown;
};

/** The next record in a queue. */
function received(queue: string, client = sqs): Promise<InvocationRecord> {
  const QueueUrl = `http://127.0.0.1:4566/000000000000/${queue}`;
  return eventually(`a record in ${queue}`, 30_000, async () => {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    const [message] = Messages;
    if (message === undefined) return undefined;
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    return JSON.parse(message.Body ?? '') as InvocationRecord;
  });
}

test('a configuration is put, changed in part, listed and deleted, each qualifier its own', async () => {
  const made = await put({ MaximumRetryAttempts: 1, ...destinations(queueArn('told')) });
  assert.equal(made.FunctionArn, arnOf('work:$LATEST'));
  assert.ok(made.LastModified instanceof Date);
  assert.deepEqual(
    [made.MaximumRetryAttempts, made.MaximumEventAgeInSeconds, made.DestinationConfig],
    [1, undefined, { OnSuccess: { Destination: queueArn('told') }, OnFailure: {} }],
  );
  const update = new UpdateFunctionEventInvokeConfigCommand({ FunctionName: 'work', MaximumEventAgeInSeconds: 60 });
  const changed = await rig.lambda.send(update);
  assert.deepEqual([changed.MaximumRetryAttempts, changed.MaximumEventAgeInSeconds], [1, 60]);
  assert.equal(changed.DestinationConfig?.OnSuccess?.Destination, queueArn('told'));
  const replaced = await put({ MaximumRetryAttempts: 0 });
  assert.deepEqual(replaced.DestinationConfig, { OnSuccess: {}, OnFailure: {} });

  await rig.lambda.send(new PublishVersionCommand({ FunctionName: 'work' }));
  await put({ Qualifier: '1', MaximumRetryAttempts: 2 });
  const pages = paginateListFunctionEventInvokeConfigs({ client: rig.lambda, pageSize: 1 }, { FunctionName: 'work' });
  const listed: string[] = [];
  for await (const { FunctionEventInvokeConfigs = [] } of pages)
    for (const { FunctionArn = '' } of FunctionEventInvokeConfigs) listed.push(FunctionArn);
  assert.deepEqual(listed, [arnOf('work:$LATEST'), arnOf('work:1')]);

  await rig.lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName: 'work', Qualifier: '1' }));
  const get = (Qualifier: string) =>
    rig.lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: 'work', Qualifier }));
  assert.equal((await get('$LATEST')).MaximumRetryAttempts, 0);
  assert.equal(
    await refusal(get('1')),
    `404 ResourceNotFoundException: The function ${arnOf('work:1')} doesn't have an EventInvokeConfig`,
  );
});

test('what cannot be configured is refused as Lambda refuses it', async () => {
  const invalid = (text: string): string => `400 InvalidParameterValueException: ${text}`;
  assert.equal(
    await refusal(put({})),
    invalid('You must specify at least one of error handling or destination setting.'),
  );
  assert.match(
    await refusal(put({ MaximumRetryAttempts: 3 })),
    /^400 ValidationException: .*'3' at 'maximumRetryAttempts' .*less than or equal to 2/,
  );
  assert.match(await refusal(put({ MaximumEventAgeInSeconds: 59 })), /'59' at 'maximumEventAgeInSeconds'/);
  assert.equal(
    await refusal(put(destinations(arnOf('work')))),
    invalid("You can't specify the function as a destination for itself."),
  );
  const missing = queueArn('missing');
  assert.equal(await refusal(put(destinations(missing))), invalid(`The destination ARN ${missing} is invalid.`));
  assert.equal(
    await refusal(put(destinations('arn:aws:s3:::bucket'))),
    invalid(
      'The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:s3:::bucket), onFailure=null) is invalid.',
    ),
  );
  const topic = 'arn:aws:sns:us-east-1:000000000000:topic';
  assert.equal(await refusal(put(destinations(undefined, topic))), invalid(`The destination ARN ${topic} is invalid.`));
  const bus = 'arn:aws:events:us-east-1:000000000000:event-bus/not-there';
  assert.equal(await refusal(put(destinations(undefined, bus))), invalid(`The destination ARN ${bus} is invalid.`));
  assert.equal(
    await refusal(put({ MaximumRetryAttempts: 1 }, 'nobody')),
    "404 ResourceNotFoundException: The function doesn't exist.",
  );
  assert.equal(
    await refusal(rig.lambda.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName: 'nobody' }))),
    "404 ResourceNotFoundException: The function doesn't exist.",
  );
});

test('a success and a failure are told to their queues', async () => {
  await put({ MaximumRetryAttempts: 0, ...destinations(queueArn('told'), queueArn('failed')) });
  await event('work', { n: 1 });
  assert.partialDeepStrictEqual(await received('told'), {
    version: '1.0',
    requestContext: { functionArn: arnOf('work:$LATEST'), condition: 'Success', approximateInvokeCount: 1 },
    requestPayload: { n: 1 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST' },
    responsePayload: { did: { n: 1 } },
  });
  await event('work', { fail: true });
  const failure = await received('failed');
  assert.partialDeepStrictEqual(failure, {
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1 },
    requestPayload: { fail: true },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: 'RangeError', errorMessage: 'it failed' },
  });
});

test('a failure is told to another function, and its own failure to a bucket', async () => {
  const s3 = new S3Client({ ...awsClient(rig.mayfly), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'failures' }));
  await rig.make('mend', { 'index.mjs': 'export const handler = async () => { throw new Error("nor I"); };' });
  await put({ MaximumRetryAttempts: 0, ...destinations(undefined, arnOf('mend')) });
  await put({ MaximumRetryAttempts: 0, ...destinations(undefined, 'arn:aws:s3:::failures') }, 'mend');
  await event('work', { fail: true, n: 7 });
  const Key = await eventually('an object', 60_000, async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'failures' }));
    return Contents[0]?.Key;
  });
  assert.match(Key, /^aws\/lambda\/async\/mend\/\d{4}\/\d\d\/\d\d\//);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'failures', Key }));
  assert.partialDeepStrictEqual(JSON.parse((await Body?.transformToString()) ?? ''), {
    requestContext: { functionArn: arnOf('mend:$LATEST'), condition: 'RetriesExhausted' },
    requestPayload: { requestPayload: { fail: true, n: 7 } },
    responsePayload: { errorMessage: 'nor I' },
  });
  s3.destroy();
});

test('families that are not here are refused by name, and their lists are empty', async () => {
  const { lambda } = rig;
  const signing = await lambda.send(new GetFunctionCodeSigningConfigCommand({ FunctionName: 'work' }));
  assert.equal(signing.CodeSigningConfigArn, undefined);
  assert.deepEqual((await lambda.send(new ListCodeSigningConfigsCommand({}))).CodeSigningConfigs, []);
  const profile = 'arn:aws:signer:us-east-1:000000000000:/signing-profiles/p/abcdefghij';
  assert.match(
    await refusal(
      lambda.send(new CreateCodeSigningConfigCommand({ AllowedPublishers: { SigningProfileVersionArns: [profile] } })),
    ),
    /^400 InvalidParameterValueException: Code signing is not available here/,
  );
  assert.match(
    await refusal(
      lambda.send(
        new CreateCapacityProviderCommand({
          CapacityProviderName: 'mine',
          VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] },
          PermissionsConfig: { CapacityProviderOperatorRoleArn: 'arn:aws:iam::000000000000:role/any' },
        }),
      ),
    ),
    /^400 InvalidParameterValueException: Capacity providers are not available here/,
  );
  assert.match(
    await refusal(lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn: arnOf('work:1/durable/1') }))),
    /^404 ResourceNotFoundException: The durable execution cannot be found/,
  );
});

test('events that were accepted are told of after the platform was killed, each once', async () => {
  await put({ MaximumRetryAttempts: 0, ...destinations(queueArn('told'), queueArn('failed')) });
  await Promise.all(Array.from({ length: 20 }, (_, n) => event('work', { n, sleepMs: 150, fail: n % 2 === 1 })));
  await using mayfly = await rig.mayfly.killAndRestart();
  const lambda = new LambdaClient(awsClient(mayfly));
  const queues = new SQSClient(awsClient(mayfly));
  const ids = new Set<string>();
  for (const queue of ['told', 'failed']) {
    for (let count = 0; count < 10; count++) ids.add((await received(queue, queues)).requestContext.requestId);
  }
  assert.equal(ids.size, 20);
  lambda.destroy();
  queues.destroy();
});
