/** Event source mappings of tables' streams through Lambda's API: made, run, changed, refused. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { IAM } from '@aws-sdk/client-iam';
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  type LambdaServiceException,
} from '@aws-sdk/client-lambda';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { arnOf, openLambdaRig, type LambdaRig } from '../harness/lambda-rig.ts';

const waitMs = 60_000;
const code = {
  'index.mjs': `export const handler = async ({ Records }) => {
  console.log('GOT ' + Records.map(({ dynamodb }) => dynamodb.Keys.id.S).join());
};`,
};

let rig: LambdaRig;
let tables: DynamoDBClient;
let EventSourceArn = '';
before(async () => {
  rig = await openLambdaRig();
  tables = new DynamoDBClient(awsClient(rig.mayfly));
  await rig.make('work', code);
  const { TableDescription: made } = await tables.send(
    new CreateTableCommand({
      TableName: 'orders',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
    }),
  );
  EventSourceArn = made?.LatestStreamArn ?? '';
});
after(async () => {
  tables.destroy();
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

const create = (input: Partial<CreateEventSourceMappingCommandInput>) =>
  rig.lambda.send(
    new CreateEventSourceMappingCommand({ FunctionName: 'work', EventSourceArn, StartingPosition: 'LATEST', ...input }),
  );
const look = (UUID: string | undefined) => rig.lambda.send(new GetEventSourceMappingCommand({ UUID }));
const put = (id: string) => tables.send(new PutItemCommand({ TableName: 'orders', Item: { id: { S: id } } }));
const got = (id: string) =>
  eventually(`${id} is given to the function`, waitMs, async () => {
    const { lines } = (await rig.mayfly.json('logs', 'work')) as { lines: { text: string }[] };
    return lines.some(({ text }) => text.includes(`GOT ${id}`)) ? true : undefined;
  });

test("a mapping of a table's stream runs, is found, pauses, goes on where it was, changes, and is deleted", async () => {
  const made = await create({});
  assert.partialDeepStrictEqual(made, {
    EventSourceArn,
    FunctionArn: arnOf('work'),
    StartingPosition: 'LATEST',
    BatchSize: 100,
    MaximumBatchingWindowInSeconds: 0,
    ParallelizationFactor: 1,
    BisectBatchOnFunctionError: false,
    MaximumRetryAttempts: -1,
    MaximumRecordAgeInSeconds: -1,
    TumblingWindowInSeconds: 0,
    DestinationConfig: { OnFailure: {} },
    FunctionResponseTypes: [],
    State: 'Creating',
    StateTransitionReason: 'User action',
  });
  const { UUID } = made;
  assert.equal((await look(UUID)).LastProcessingResult, 'No records processed');
  await put('first');
  await got('first');
  await eventually('its result', waitMs, async () =>
    (await look(UUID)).LastProcessingResult === 'OK' ? true : undefined,
  );
  assert.match(
    await refusal(create({})),
    /^409 ResourceConflictException: An event source mapping with event source arn/,
  );

  const update = (input: object) => rig.lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...input }));
  await update({ Enabled: false });
  await put('second');
  const changed = await update({
    Enabled: true,
    BatchSize: 10,
    MaximumRetryAttempts: 2,
    MaximumRecordAgeInSeconds: 60,
    TumblingWindowInSeconds: 30,
    ParallelizationFactor: 2,
    BisectBatchOnFunctionError: true,
  });
  assert.partialDeepStrictEqual(changed, {
    BatchSize: 10,
    MaximumRetryAttempts: 2,
    MaximumRecordAgeInSeconds: 60,
    TumblingWindowInSeconds: 30,
    ParallelizationFactor: 2,
    BisectBatchOnFunctionError: true,
    StartingPosition: 'LATEST',
  });
  const cleared = await update({ MaximumRetryAttempts: -1, MaximumRecordAgeInSeconds: -1, TumblingWindowInSeconds: 0 });
  assert.partialDeepStrictEqual(cleared, { MaximumRetryAttempts: -1, MaximumRecordAgeInSeconds: -1 });
  await got('second');
  const { EventSourceMappings: found = [] } = await rig.lambda.send(
    new ListEventSourceMappingsCommand({ EventSourceArn }),
  );
  assert.deepEqual(
    found.map((one) => one.UUID),
    [UUID],
  );
  await rig.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  assert.match(await refusal(look(UUID)), /^404 ResourceNotFoundException/);
});

test("what makes no mapping of a table's stream is refused as Lambda refuses it", async () => {
  const wrong: [Partial<CreateEventSourceMappingCommandInput>, RegExp][] = [
    [{ EventSourceArn: EventSourceArn.replace('orders', 'none') }, /: Stream not found: arn:aws:dynamodb/],
    [{ StartingPosition: undefined }, /Value null at 'startingPosition' failed to satisfy constraint/],
    [{ StartingPosition: 'AT_TIMESTAMP' }, /Unsupported starting position/],
    [{ FunctionName: 'nobody' }, /Function does not exist/],
    [{ MaximumRecordAgeInSeconds: 59 }, /MaximumRecordAgeInSeconds 59 is not accepted: -1, or from 60/],
    [{ ParallelizationFactor: 11 }, /parallelizationFactor.*less than or equal to 10/],
    [{ ScalingConfig: { MaximumConcurrency: 2 } }, /Unsupported ScalingConfig parameter/],
    [{ FilterCriteria: { Filters: [{ Pattern: '{' }] } }, /Invalid filter pattern definition/],
    [{ DestinationConfig: { OnSuccess: { Destination: arnOf('work') } } }, /OnSuccess/],
    [{ DestinationConfig: { OnFailure: { Destination: arnOf('work') } } }, /destination config .* is invalid/],
    [
      { DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:none' } } },
      /The destination ARN arn:aws:sqs:us-east-1:000000000000:none is invalid/,
    ],
  ];
  for (const [input, message] of wrong) {
    const said = await refusal(create(input));
    assert.match(said, /^400 (?:InvalidParameterValueException|ValidationException)/);
    assert.match(said, message);
  }
});

test('a function whose role may not read a stream is given nothing of it, and is told when it may again', async () => {
  const iam = new IAM(awsClient(rig.mayfly));
  const document = (statement: object): string =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
  const trust = { Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  await iam.createRole({ RoleName: 'reader', AssumeRolePolicyDocument: document(trust) });
  await rig.make('guarded', code, { Role: 'arn:aws:iam::000000000000:role/reader' });
  const lacks = `Cannot access stream ${EventSourceArn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in DynamoDB`;
  const policy = { RoleName: 'reader', PolicyName: 'read' };
  const allow = (...names: readonly string[]) =>
    iam.putRolePolicy({
      ...policy,
      PolicyDocument: document({ Action: names.map((name) => `dynamodb:${name}`), Resource: '*' }),
    });
  await allow('GetRecords', 'GetShardIterator', 'DescribeStream');
  const mapping = { FunctionName: 'guarded' };
  assert.equal(await refusal(create(mapping)), `400 InvalidParameterValueException: ${lacks}`);
  await allow('GetRecords', 'GetShardIterator', 'DescribeStream', 'ListStreams');
  const { UUID } = await create(mapping);
  await iam.deleteRolePolicy(policy);
  assert.equal((await look(UUID)).LastProcessingResult, `PROBLEM: ${lacks}.`);
  await put('third');
  await allow('GetRecords', 'GetShardIterator', 'DescribeStream', 'ListStreams');
  await eventually('it is given what happened meanwhile', waitMs, async () =>
    (await look(UUID)).LastProcessingResult === 'OK' ? true : undefined,
  );
  iam.destroy();
});
