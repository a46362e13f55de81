/** Items of DynamoDB through the clients that people write programs with: documents, boto3's resources, many at once, crashes. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { DynamoDB, type TransactionCanceledException, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { awsClient } from './harness/aws-client.ts';
import { hasPythonModule } from './harness/has-python-module.ts';
import { startMayfly, type StartedMayfly } from './harness/start-mayfly.ts';

const run = promisify(execFile);
let mayfly: StartedMayfly;
let client: DynamoDB;
let documents: DynamoDBDocument;

const connect = (): void => {
  client = new DynamoDB(awsClient(mayfly));
  documents = DynamoDBDocument.from(client, { marshallOptions: { removeUndefinedValues: true } });
};

before(async () => {
  mayfly = await startMayfly();
  connect();
  await Promise.all(
    ['orders', 'resources'].map(async (TableName) => {
      await client.createTable({
        TableName,
        AttributeDefinitions: [
          { AttributeName: 'owner', AttributeType: 'S' },
          { AttributeName: 'at', AttributeType: 'N' },
          { AttributeName: 'kind', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'owner', KeyType: 'HASH' },
          { AttributeName: 'at', KeyType: 'RANGE' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'kinds',
            KeySchema: [
              { AttributeName: 'kind', KeyType: 'HASH' },
              { AttributeName: 'at', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      });
      await waitUntilTableExists({ client, maxWaitTime: 60 }, { TableName });
    }),
  );
});
after(() => mayfly[Symbol.asyncDispose]());

test('documents come back as they were put', async () => {
  const Item = {
    owner: 'ada',
    at: 1,
    text: 'ä😀',
    list: [1, 'two', null, true, { deep: [[]] }],
    map: { __proto__x: 'x', empty: '' },
    set: new Set(['a', 'b']),
    bytes: Uint8Array.from([0, 255]),
    left: undefined,
  };
  await documents.put({ TableName: 'orders', Item });
  const got = await documents.get({ TableName: 'orders', Key: { owner: 'ada', at: 1 } });
  const { left: _, ...kept } = Item;
  assert.deepEqual({ ...got.Item, bytes: Uint8Array.from(got.Item?.['bytes']) }, kept);
  const updated = await documents.update({
    TableName: 'orders',
    Key: { owner: 'ada', at: 1 },
    UpdateExpression: 'SET #l[1] = :two REMOVE #l[0] ADD visits :one',
    ExpressionAttributeNames: { '#l': 'list' },
    ExpressionAttributeValues: { ':two': 2, ':one': 1 },
    ReturnValues: 'ALL_NEW',
  });
  assert.deepEqual(updated.Attributes?.['list'], [2, null, true, { deep: [[]] }]);
  assert.equal(updated.Attributes?.['visits'], 1);
});

test('a query goes through all pages, each of a megabyte at most', async () => {
  const text = 'x'.repeat(200_000);
  await Promise.all(
    Array.from({ length: 12 }, (_one, at) =>
      documents.put({ TableName: 'orders', Item: { owner: 'large', at, kind: 'big', text } }),
    ),
  );
  const found: number[] = [];
  let pages = 0;
  for await (const page of paginateQuery(
    { client: documents },
    {
      TableName: 'orders',
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': 'large' },
    },
  )) {
    pages += 1;
    found.push(...(page.Items ?? []).map((item) => Number(item['at'])));
  }
  assert.deepEqual(
    found,
    Array.from({ length: 12 }, (_one, at) => at),
  );
  assert.ok(pages >= 3, `${pages} pages`);
  const ofIndex = await documents.query({
    TableName: 'orders',
    IndexName: 'kinds',
    KeyConditionExpression: 'kind = :k AND #a >= :a',
    ExpressionAttributeNames: { '#a': 'at' },
    ExpressionAttributeValues: { ':k': 'big', ':a': 10 },
    ScanIndexForward: false,
  });
  assert.deepEqual(ofIndex.Items, [
    { owner: 'large', at: 11, kind: 'big' },
    { owner: 'large', at: 10, kind: 'big' },
  ]);
});

test('an item of 400 KB is kept, and none that is larger, whichever way it comes', async () => {
  const key = { owner: 'size', at: 1 };
  // Names and the number count too: owner + size + at + 1, and `t`.
  const room = 400 * 1024 - ('owner'.length + 'size'.length + 'at'.length + 2 + 't'.length);
  await documents.put({ TableName: 'orders', Item: { ...key, t: 'x'.repeat(room) } });
  await assert.rejects(documents.put({ TableName: 'orders', Item: { ...key, t: 'x'.repeat(room + 1) } }), {
    name: 'ValidationException',
    message: 'Item size has exceeded the maximum allowed size',
  });
  await assert.rejects(
    documents.update({
      TableName: 'orders',
      Key: key,
      UpdateExpression: 'SET u = :u',
      ExpressionAttributeValues: { ':u': 'x' },
    }),
    { name: 'ValidationException', message: 'Item size to update has exceeded the maximum allowed size' },
  );
});

test('25 of the largest items come in one batch', async () => {
  const text = 'x'.repeat(409_000);
  const orders = Array.from({ length: 25 }, (_, at) => ({ PutRequest: { Item: { owner: 'largest', at, text } } }));
  const answer = await documents.batchWrite({ RequestItems: { orders } });
  assert.deepEqual(answer.UnprocessedItems, {});
  const { Item } = await documents.get({ TableName: 'orders', Key: { owner: 'largest', at: 24 } });
  assert.equal(Item?.['text'], text);
});

test('a hundred who add to the same number at once all count, in transactions too', async () => {
  const count = {
    TableName: 'orders',
    Key: { owner: 'count', at: 0 },
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': 1 },
  };
  await Promise.all(
    Array.from({ length: 100 }, (_one, number) =>
      number % 2 === 0
        ? documents.update(count)
        : documents.transactWrite({
            TransactItems: [
              { Update: count },
              { Put: { TableName: 'orders', Item: { owner: 'counted', at: number } } },
            ],
          }),
    ),
  );
  const { Item } = await documents.get({ TableName: 'orders', Key: count.Key, ConsistentRead: true });
  assert.equal(Item?.['n'], 100);
  let counted = 0;
  for await (const page of paginateQuery(
    { client: documents },
    {
      TableName: 'orders',
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': 'counted' },
      Select: 'COUNT',
    },
  ))
    counted += page.Count ?? 0;
  assert.equal(counted, 50);
});

test('what a transaction says of items that were in its way', async () => {
  await documents.put({ TableName: 'orders', Item: { owner: 'way', at: 1, v: 1 } });
  const refused = await documents
    .transactWrite({
      TransactItems: [
        { Put: { TableName: 'orders', Item: { owner: 'way', at: 2 } } },
        {
          Delete: {
            TableName: 'orders',
            Key: { owner: 'way', at: 1 },
            ConditionExpression: 'v = :v',
            ExpressionAttributeValues: { ':v': 2 },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
        {
          Update: {
            TableName: 'orders',
            Key: { owner: 'way', at: 3 },
            UpdateExpression: 'SET v = none_such',
          },
        },
      ],
    })
    .then(
      () => assert.fail('it was accepted'),
      (error: TransactionCanceledException) => error,
    );
  assert.equal(refused.name, 'TransactionCanceledException');
  assert.deepEqual(
    refused.CancellationReasons?.map(({ Code, Message }) => [Code, Message]),
    [
      ['None', undefined],
      ['ConditionalCheckFailed', 'The conditional request failed'],
      ['ValidationError', 'The provided expression refers to an attribute that does not exist in the item'],
    ],
  );
  assert.deepEqual(refused.CancellationReasons?.[1]?.Item?.['at'], { N: '1' });
  const left = await documents.get({ TableName: 'orders', Key: { owner: 'way', at: 2 } });
  assert.equal(left.Item, undefined);
});

test('a transaction’s token holds through kill -9', async () => {
  const transaction = {
    ClientRequestToken: 'one-payment',
    TransactItems: [
      {
        Update: {
          TableName: 'orders',
          Key: { owner: 'paid', at: 1 },
          UpdateExpression: 'ADD paid :p',
          ExpressionAttributeValues: { ':p': 7 },
        },
      },
    ],
  };
  await documents.transactWrite(transaction);
  mayfly = await mayfly.killAndRestart();
  connect();
  await documents.transactWrite(transaction);
  const { Item } = await documents.get({ TableName: 'orders', Key: { owner: 'paid', at: 1 } });
  assert.equal(Item?.['paid'], 7);
  const [asked] = transaction.TransactItems;
  assert.ok(asked !== undefined);
  const other = { Update: { ...asked.Update, ExpressionAttributeValues: { ':p': 8 } } };
  await assert.rejects(documents.transactWrite({ ...transaction, TransactItems: [other] }), {
    name: 'IdempotentParameterMismatchException',
  });
});

test(
  'boto3’s resources put, get, write in batches, query, scan and update',
  { skip: hasPythonModule('boto3') ? false : 'boto3 is not installed here' },
  async () => {
    const script = join(import.meta.dirname, 'harness/dynamodb_resource.py');
    const { stdout } = await run('python3', [script, 'resources'], { env: mayfly.awsEnvironment, timeout: 240_000 });
    assert.deepEqual(JSON.parse(stdout), {
      same: true,
      queried: Array.from({ length: 20 }, (_one, index) => 10 + 2 * index),
      scanned: Array.from({ length: 59 }, (_one, index) => index + 1),
      price: '12.8456789012345678901234567890123456',
      tags: ['b'],
      length: 5,
    });
  },
);
