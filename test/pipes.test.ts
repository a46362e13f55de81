/** EventBridge Pipes through the official SDK: from a queue or a table, through filter and enrichment, to each kind of target. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreatePipeCommand,
  DeletePipeCommand,
  DescribePipeCommand,
  ListPipesCommand,
  ListTagsForResourceCommand,
  PipesClient,
  StartPipeCommand,
  StopPipeCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePipeCommand,
  type CreatePipeCommandInput,
  type PipeState,
} from '@aws-sdk/client-pipes';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { anyRoleArn, makeAnyRole } from './harness/any-role.ts';
import { awsClient } from './harness/aws-client.ts';
import { eventually } from './harness/eventually.ts';
import { arnOf, openLambdaRig, type LambdaRig } from './harness/lambda-rig.ts';

const RoleArn = anyRoleArn;
const waitMs = 60_000;

let rig: LambdaRig;
let pipes: PipesClient;
let sqs: SQSClient;
let events: EventBridgeClient;

before(async () => {
  rig = await openLambdaRig();
  await makeAnyRole(awsClient(rig.mayfly));
  pipes = new PipesClient(awsClient(rig.mayfly));
  sqs = new SQSClient(awsClient(rig.mayfly));
  events = new EventBridgeClient(awsClient(rig.mayfly));
});

after(async () => {
  for (const client of [pipes, sqs, events]) client.destroy();
  await rig[Symbol.asyncDispose]();
});

const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;

async function makeQueue(name: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  return QueueUrl;
}

const send = (QueueUrl: string, body: unknown) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: typeof body === 'string' ? body : JSON.stringify(body) }));

const next = (QueueUrl: string): Promise<string> =>
  eventually('a message', waitMs, async () => {
    const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    if (message === undefined) return undefined;
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    return message.Body ?? '';
  });

const isEmpty = (QueueUrl: string): Promise<boolean> =>
  eventually('an empty queue', waitMs, async () => {
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    return Object.values(Attributes).every((count) => count === '0') || undefined;
  });

const make = (Name: string, more: Omit<CreatePipeCommandInput, 'Name' | 'RoleArn'>) =>
  pipes.send(new CreatePipeCommand({ Name, RoleArn, ...more }));

test('what the filter wants is carried, made over on the way, and the rest is dropped', async () => {
  const [from, to] = [await makeQueue('from-1'), await makeQueue('to-1')];
  const { CurrentState } = await make('filtered', {
    Source: queueArn('from-1'),
    Target: queueArn('to-1'),
    SourceParameters: { FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }] } },
    TargetParameters: {
      InputTemplate: '{"order": <$.body.id>, "by": "<aws.pipes.pipe-name>", "said": "no <$.body.id>"}',
    },
  });
  assert.equal(CurrentState, 'CREATING');
  await send(from, { kind: 'other', id: 1 });
  await send(from, { kind: 'order', id: 2 });
  assert.equal(await next(to), '{"order": 2, "by": "filtered", "said": "no 2"}');
  assert.ok(await isEmpty(from));
});

test('a function enriches a batch, and what it makes of it goes to a bus, one by one', async () => {
  const [from, to] = [await makeQueue('from-2'), await makeQueue('to-2')];
  await rig.make('enrich', {
    'index.mjs': `export const handler = async (records) => records.flatMap(({ body }) => {
      const { n } = JSON.parse(body);
      return [{ n, half: 'first' }, { n, half: 'second' }];
    });`,
  });
  const { EventBusArn: Target } = await events.send(new CreateEventBusCommand({ Name: 'piped' }));
  await events.send(new PutRuleCommand({ Name: 'all', EventBusName: 'piped', EventPattern: '{"source":["halves"]}' }));
  const InputTransformer = {
    InputPathsMap: { n: '$.detail.n', half: '$.detail.half', kind: '$.detail-type' },
    InputTemplate: '"<half> of <n>: <kind>"',
  };
  const target = { Id: '1', Arn: queueArn('to-2'), RoleArn, InputTransformer };
  await events.send(new PutTargetsCommand({ Rule: 'all', EventBusName: 'piped', Targets: [target] }));
  await make('enriched', {
    Source: queueArn('from-2'),
    Enrichment: arnOf('enrich'),
    Target,
    TargetParameters: { EventBridgeEventBusParameters: { Source: 'halves', DetailType: '$.half' } },
  });
  await send(from, { n: 7 });
  const found = [await next(to), await next(to)].toSorted();
  assert.deepEqual(found, ['"first of 7: first"', '"second of 7: second"']);
  assert.ok(await isEmpty(from));
});

test('what a function answers decides: failed messages come back, and end in the dead-letter queue', async () => {
  const dead = await makeQueue('dead-3');
  const from = await makeQueue('from-3', {
    VisibilityTimeout: '1',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('dead-3'), maxReceiveCount: 2 }),
  });
  await rig.make('sink', {
    'index.mjs': `export const handler = async (records) => ({
      batchItemFailures: records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({ itemIdentifier: messageId })),
    });`,
  });
  // A first call that took long could use up what a message has.
  await rig.ask('sink', []);
  await make('deciding', { Source: queueArn('from-3'), Target: arnOf('sink') });
  await send(from, 'good');
  await send(from, 'bad');
  assert.equal(await next(dead), 'bad');
  assert.ok(await isEmpty(from));
});

test('a pipe is stopped, changed, started, listed, tagged and deleted', async () => {
  const [from, to] = [await makeQueue('from-4'), await makeQueue('to-4')];
  const { Arn: resourceArn = '' } = await make('managed', {
    Source: queueArn('from-4'),
    Target: queueArn('to-4'),
    DesiredState: 'STOPPED',
    Tags: { team: 'a' },
  });
  await send(from, 'waits');
  await assert.rejects(pipes.send(new StopPipeCommand({ Name: 'managed' })), { name: 'ConflictException' });
  await pipes.send(
    new UpdatePipeCommand({ Name: 'managed', RoleArn, TargetParameters: { InputTemplate: 'changed: <$.body>' } }),
  );
  await pipes.send(new StartPipeCommand({ Name: 'managed' }));
  assert.equal(await next(to), 'changed: waits');
  const shown = await pipes.send(new DescribePipeCommand({ Name: 'managed' }));
  assert.deepEqual(
    [shown.CurrentState, shown.Source, shown.TargetParameters, shown.SourceParameters],
    [
      'RUNNING',
      queueArn('from-4'),
      { InputTemplate: 'changed: <$.body>' },
      { SqsQueueParameters: { BatchSize: 10, MaximumBatchingWindowInSeconds: 0 } },
    ],
  );
  const { Pipes = [] } = await pipes.send(new ListPipesCommand({ NamePrefix: 'man' }));
  assert.deepEqual(
    Pipes.map(({ Name }) => Name),
    ['managed'],
  );
  await pipes.send(new TagResourceCommand({ resourceArn, tags: { stage: 'test' } }));
  await pipes.send(new UntagResourceCommand({ resourceArn, tagKeys: ['team'] }));
  assert.deepEqual((await pipes.send(new ListTagsForResourceCommand({ resourceArn }))).tags, { stage: 'test' });
  await pipes.send(new DeletePipeCommand({ Name: 'managed' }));
  await assert.rejects(pipes.send(new DescribePipeCommand({ Name: 'managed' })), { name: 'NotFoundException' });
});

test('a pipe whose queue is not there says so, and carries once it is made', async () => {
  const to = await makeQueue('to-6');
  const Name = 'lost';
  await pipes.send(new CreatePipeCommand({ Name, RoleArn, Source: queueArn('from-6'), Target: queueArn('to-6') }));
  const shown = async () => {
    const { CurrentState, DesiredState, StateReason } = await pipes.send(new DescribePipeCommand({ Name }));
    return [CurrentState, DesiredState, StateReason];
  };
  const failed = ['START_FAILED', 'RUNNING', `The source ${queueArn('from-6')} does not exist.`];
  assert.deepEqual(await shown(), failed);
  const from = await makeQueue('from-6');
  await send(from, 'carried');
  assert.match(await next(to), /"body":"carried"/);
  assert.deepEqual(await shown(), ['RUNNING', 'RUNNING', undefined]);
  await sqs.send(new DeleteQueueCommand({ QueueUrl: from }));
  assert.deepEqual(await shown(), failed);
  const listed = (CurrentState: PipeState) => pipes.send(new ListPipesCommand({ NamePrefix: Name, CurrentState }));
  assert.equal((await listed('RUNNING')).Pipes?.length, 0);
  assert.equal((await listed('START_FAILED')).Pipes?.[0]?.CurrentState, 'START_FAILED');
});

test('changes of a table are carried in order, and what its target cannot take is told to the dead-letter queue', async () => {
  const tables = new DynamoDBClient(awsClient(rig.mayfly));
  const target = await makeQueue('to-6');
  const dead = await makeQueue('dead-6');
  const { TableDescription: made } = await tables.send(
    new CreateTableCommand({
      TableName: 'things',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
  const Source = made?.LatestStreamArn;
  const DynamoDBStreamParameters = {
    StartingPosition: 'TRIM_HORIZON' as const,
    BatchSize: 10,
    MaximumRetryAttempts: 1,
    OnPartialBatchItemFailure: 'AUTOMATIC_BISECT' as const,
    DeadLetterConfig: { Arn: queueArn('dead-6') },
  };
  const SourceParameters = {
    DynamoDBStreamParameters,
    FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT","MODIFY"]}' }] },
  };
  const input = { Name: 'carry-6', RoleArn, Source, Target: queueArn('to-6'), SourceParameters };
  await pipes.send(
    new CreatePipeCommand({ ...input, TargetParameters: { InputTemplate: '<$.dynamodb.NewImage.n.N>' } }),
  );
  const { SourceParameters: shown, CurrentState } = await pipes.send(new DescribePipeCommand({ Name: 'carry-6' }));
  assert.equal(CurrentState, 'RUNNING');
  assert.partialDeepStrictEqual(shown, {
    DynamoDBStreamParameters: { ...DynamoDBStreamParameters, ParallelizationFactor: 1, MaximumRecordAgeInSeconds: -1 },
  });
  const put = (n: number) =>
    tables.send(new PutItemCommand({ TableName: 'things', Item: { id: { S: 'a' }, n: { N: String(n) } } }));
  for (let n = 0; n < 3; n += 1) await put(n);
  assert.deepEqual([await next(target), await next(target), await next(target)], ['0', '1', '2']);
  await sqs.send(new DeleteQueueCommand({ QueueUrl: target }));
  await put(3);
  assert.partialDeepStrictEqual(JSON.parse(await next(dead)), {
    context: {
      partnerResourceArn: 'arn:aws:pipes:us-east-1:000000000000:pipe/carry-6',
      condition: 'RetryAttemptsExhausted',
    },
    DDBStreamBatchInfo: { batchSize: 1, streamArn: Source },
  });
  const { StartingPosition: _position, ...others } = DynamoDBStreamParameters;
  await assert.rejects(
    pipes.send(
      new CreatePipeCommand({ ...input, Name: 'x', SourceParameters: { DynamoDBStreamParameters: others as never } }),
    ),
    /StartingPosition|startingPosition/,
  );
  await assert.rejects(
    pipes.send(new CreatePipeCommand({ ...input, Name: 'x', SourceParameters: { SqsQueueParameters: {} } })),
    /SqsQueueParameters do not go with the source/,
  );
  tables.destroy();
});

test('what is not built or wrong is named', async () => {
  await makeQueue('from-5');
  const Source = queueArn('from-5');
  const wrong: [CreatePipeCommandInput, RegExp][] = [
    [
      { Name: 'x', RoleArn, Source: 'arn:aws:kinesis:us-east-1:000000000000:stream/s', Target: Source },
      /Source is not available here/,
    ],
    [
      { Name: 'x', RoleArn, Source, Target: 'arn:aws:states:us-east-1:000000000000:stateMachine:s' },
      /Target is not available here/,
    ],
    [
      {
        Name: 'x',
        RoleArn,
        Source,
        Target: Source,
        SourceParameters: { FilterCriteria: { Filters: [{ Pattern: '{' }] } },
      },
      /Invalid filter pattern/,
    ],
    [
      { Name: 'x', RoleArn, Source, Target: Source, SourceParameters: { SqsQueueParameters: { BatchSize: 100 } } },
      /MaximumBatchingWindowInSeconds/,
    ],
    [{ Name: 'x y', RoleArn, Source, Target: Source }, /at 'name' failed to satisfy constraint/],
  ];
  for (const [input, message] of wrong) await assert.rejects(pipes.send(new CreatePipeCommand(input)), message);
});
