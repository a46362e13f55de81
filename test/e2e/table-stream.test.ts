/**
 * Ten items that are written to again and again, one change of which no function can take, and a platform that is killed
 * half way: of each item everything is processed in order, and exactly what is poison is told to the destination.
 *
 * A tenth of the full size; `MAYFLY_TABLE_WRITES=500` runs all of it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { CreateEventSourceMappingCommand, GetEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { filesOf } from '../harness/files-of.ts';
import { openLambdaRig } from '../harness/lambda-rig.ts';

const items = 10;
const writes = Number(process.env['MAYFLY_TABLE_WRITES'] ?? 50);
const poison = `item-5:${Math.floor(writes / 2)}`;
const waitMs = 120_000 + items * writes * 20;

/** Says what it has done, unless there is poison in it. */
const code = {
  'index.mjs': `
export const handler = async ({ Records }) => {
  const told = Records.map(({ dynamodb: { NewImage: { id, n } } }) => id.S + ':' + n.N);
  if (told.includes('${poison}')) throw new Error('poison');
  await new Promise((resolve) => setTimeout(resolve, 5));
  console.log('DONE ' + told.join(' '));
};`,
};

test(`${items} items, ${writes} writes to each, a poisoned one, and a kill half way`, async () => {
  await using rig = await openLambdaRig();
  await rig.make('work', code, { Timeout: 10 });
  let clients = clientsOf(rig.mayfly);
  await clients.sqs.send(new CreateQueueCommand({ QueueName: 'failures' }));
  await clients.tables.send(
    new CreateTableCommand({
      TableName: 'items',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
  const EventSourceArn = await eventually('the table is there', waitMs, async () => {
    const { Table } = await clients.tables.send(new DescribeTableCommand({ TableName: 'items' }));
    return Table?.TableStatus === 'ACTIVE' ? Table.LatestStreamArn : undefined;
  });
  const { UUID } = await rig.lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'work',
      EventSourceArn,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 5,
      ParallelizationFactor: 10,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:failures' } },
    }),
  );
  const write = async (from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n += 1)
      await clients.tables.send(
        new BatchWriteItemCommand({
          RequestItems: {
            items: Array.from({ length: items }, (_, item) => ({
              PutRequest: { Item: { id: { S: `item-${item}` }, n: { N: String(n) } } },
            })),
          },
        }),
      );
  };
  await write(0, Math.floor(writes / 2));
  await eventually('some of it done', waitMs, async () =>
    (await doneIn(rig.mayfly.data)).length > 0 ? true : undefined,
  );
  await using again = await rig.mayfly.killAndRestart();
  for (const client of Object.values(clients)) client.destroy();
  clients = clientsOf(again);
  await write(Math.floor(writes / 2), writes);
  const done = await eventually('all of it done', waitMs, async () => {
    const seen = await doneIn(again.data);
    return new Set(seen).size === items * writes - 1 ? seen : undefined;
  });
  for (let item = 0; item < items; item += 1) {
    const first = [...new Set(done.filter((one) => one.startsWith(`item-${item}:`)))];
    const wanted = Array.from({ length: writes }, (_, n) => `item-${item}:${n}`).filter((one) => one !== poison);
    assert.deepEqual(first, wanted, `of item ${item} in order`);
  }
  const document = await eventually('the destination is told', waitMs, async () => {
    const { Messages } = await clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: 'http://127.0.0.1:4566/000000000000/failures' }),
    );
    return Messages?.[0]?.Body;
  });
  assert.partialDeepStrictEqual(JSON.parse(document), {
    requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
    responseContext: { statusCode: 200, functionError: 'Unhandled' },
    DDBStreamBatchInfo: { batchSize: 1, streamArn: EventSourceArn },
  });
  const lambda = new LambdaClient(awsClient(again));
  await eventually('the mapping says so', waitMs, async () => {
    const { LastProcessingResult } = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
    return LastProcessingResult === 'OK' ? true : undefined;
  });
  lambda.destroy();
  for (const client of Object.values(clients)) client.destroy();
});

type Started = Parameters<typeof awsClient>[0];

const clientsOf = (mayfly: Started) => ({
  sqs: new SQSClient(awsClient(mayfly)),
  tables: new DynamoDBClient(awsClient(mayfly)),
});

/** What the function's lines on disk say, in order: those of a batch are there before it counts as done. */
async function doneIn(data: string): Promise<string[]> {
  const done: string[] = [];
  for await (const { bytes } of filesOf(data, 'logs'))
    for (const [, all = ''] of bytes.toString().matchAll(/DONE ([^"\n]*)/g))
      done.push(...(all.match(/item-\d+:\d+/g) ?? []));
  return done;
}
