import type { Seen, Step, Walk } from '../harness/walk.ts';

const table = {
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  // One shard: those that are paid for by request have several.
  ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
};

const arnOf = (seen: Seen): string =>
  seen('make a table', 'TableDescription', (made) => (made as { LatestStreamArn?: string }).LatestStreamArn);
const shardOf = (seen: Seen): string =>
  seen(
    'look at a stream',
    'StreamDescription',
    (stream) => (stream as { Shards?: { ShardId: string }[] }).Shards?.[0]?.ShardId,
  );
const sequenceOf = (seen: Seen, index: number): string =>
  seen(
    'all records',
    'Records',
    (records) => (records as { dynamodb: { SequenceNumber: string } }[])[index]?.dynamodb.SequenceNumber,
  );
const noStream = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2020-01-01T00:00:00.000';
const noShard = 'shardId-00000000000000000000-00000000';

const iterator = (name: string, input: (seen: Seen) => object, more: Partial<Step> = {}): Step => ({
  name,
  operation: 'GetShardIterator',
  input: (seen) => ({ StreamArn: arnOf(seen), ShardId: shardOf(seen), ...input(seen) }),
  ...more,
});
const records = (name: string, from: string, more: Partial<Step> & { limit?: number } = {}): Step => {
  const { limit, ...rest } = more;
  return {
    name,
    operation: 'GetRecords',
    input: (seen) => ({ ShardIterator: seen(from, 'ShardIterator'), ...(limit !== undefined && { Limit: limit }) }),
    ...rest,
  };
};
const item = (name: string, operation: string, input: object): Step => ({
  name,
  service: 'dynamodb',
  operation,
  input: { TableName: 'orders', ...input },
});
const key = { id: { S: 'a' } };
const first = { id: { S: 'a' }, n: { N: '1' } };
const second = { id: { S: 'a' }, n: { N: '2' } };

const steps: Step[] = [
  {
    name: 'make a table',
    service: 'dynamodb',
    operation: 'CreateTable',
    input: {
      TableName: 'orders',
      ...table,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    },
  },
  { name: 'list streams', operation: 'ListStreams', input: {}, gives: { Streams: [{ TableName: 'orders' }] } },
  { name: 'list those of no table', operation: 'ListStreams', input: { TableName: 'none' }, gives: { Streams: [] } },
  { name: 'list too many', operation: 'ListStreams', input: { Limit: 101 }, refused: 'ValidationException' },
  {
    name: 'look at a stream',
    operation: 'DescribeStream',
    input: (seen) => ({ StreamArn: arnOf(seen) }),
    gives: {
      StreamDescription: {
        StreamStatus: 'ENABLED',
        StreamViewType: 'NEW_AND_OLD_IMAGES',
        TableName: 'orders',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      },
    },
  },
  {
    name: 'look at no stream',
    operation: 'DescribeStream',
    input: { StreamArn: noStream },
    refused: 'ResourceNotFoundException',
    says: `Requested resource not found: Stream: ${noStream} not found`,
  },
  item('put', 'PutItem', { Item: first }),
  item('put the same', 'PutItem', { Item: first }),
  item('put another', 'PutItem', { Item: second }),
  item('delete', 'DeleteItem', { Key: key }),
  iterator('from the beginning', () => ({ ShardIteratorType: 'TRIM_HORIZON' })),
  records('all records', 'from the beginning', {
    gives: {
      Records: [
        {
          eventName: 'INSERT',
          eventVersion: '1.1',
          eventSource: 'aws:dynamodb',
          awsRegion: 'us-east-1',
          dynamodb: { Keys: key, NewImage: first, SizeBytes: 9, StreamViewType: 'NEW_AND_OLD_IMAGES' },
        },
        { eventName: 'MODIFY', dynamodb: { Keys: key, NewImage: second, OldImage: first } },
        { eventName: 'REMOVE', dynamodb: { Keys: key, OldImage: second } },
      ],
    },
  }),
  records('one record', 'from the beginning', { limit: 1, gives: { Records: [{ eventName: 'INSERT' }] } }),
  {
    name: 'the next',
    operation: 'GetRecords',
    input: (seen) => ({ ShardIterator: seen('one record', 'NextShardIterator'), Limit: 1 }),
    gives: { Records: [{ eventName: 'MODIFY' }] },
  },
  iterator('at the second', (seen) => ({
    ShardIteratorType: 'AT_SEQUENCE_NUMBER',
    SequenceNumber: sequenceOf(seen, 1),
  })),
  records('from the second on', 'at the second', {
    gives: { Records: [{ eventName: 'MODIFY' }, { eventName: 'REMOVE' }] },
  }),
  iterator('after the second', (seen) => ({
    ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
    SequenceNumber: sequenceOf(seen, 1),
  })),
  records('what is after it', 'after the second', { gives: { Records: [{ eventName: 'REMOVE' }] } }),
  iterator('from now on', () => ({ ShardIteratorType: 'LATEST' })),
  records('nothing yet', 'from now on', { gives: { Records: [] } }),
  iterator('at nothing', () => ({ ShardIteratorType: 'AT_SEQUENCE_NUMBER' }), { refused: 'ValidationException' }),
  iterator(
    'at what is of another shard',
    () => ({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: '100000000000000000000' }),
    { refused: 'ValidationException' },
  ),
  iterator('of no shard', () => ({ ShardIteratorType: 'LATEST', ShardId: noShard }), {
    refused: 'ResourceNotFoundException',
  }),
  {
    name: 'by what is no iterator',
    operation: 'GetRecords',
    input: { ShardIterator: 'none' },
    refused: 'ValidationException',
    says: 'Invalid ShardIterator',
  },
  records('too many records', 'from the beginning', { limit: 1_001, refused: 'ValidationException' }),
  item('turn it off', 'UpdateTable', { StreamSpecification: { StreamEnabled: false } }),
  {
    name: 'look at what is off',
    operation: 'DescribeStream',
    input: (seen) => ({ StreamArn: arnOf(seen) }),
    gives: { StreamDescription: { StreamStatus: 'DISABLED' } },
  },
  records('read what is off', 'after the second', { gives: { Records: [{ eventName: 'REMOVE' }] } }),
];

export const dynamodbstreamsWalk: Walk = { service: 'dynamodbstreams', steps };
