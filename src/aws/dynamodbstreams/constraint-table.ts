/**
 * What DynamoDB Streams asks of the members of its inputs, by the model's own names of structures, members and shapes.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
 */
import type { Constraint } from '../constraints.ts';

export const shapeConstraints: Readonly<Record<string, Constraint>> = {
  DescribedShards: { min: 1, max: 100 },
  ListedStreams: { min: 1, max: 100 },
  GivenRecords: { min: 1, max: 1000 },
  SequenceNumber: { lengthMax: 40, lengthMin: 21 },
  ShardFilterType: { enum: ['CHILD_SHARDS'] },
  ShardId: { lengthMax: 65, lengthMin: 28 },
  ShardIterator: { lengthMax: 2048, lengthMin: 1 },
  ShardIteratorType: { enum: ['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] },
  StreamArn: { lengthMax: 1024, lengthMin: 37 },
  TableName: { lengthMax: 255, lengthMin: 3, pattern: '[a-zA-Z0-9_.-]+' },
};

export const memberShapes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  DescribeStreamInput: {
    StreamArn: 'StreamArn',
    Limit: 'DescribedShards',
    ExclusiveStartShardId: 'ShardId',
    ShardFilter: 'ShardFilter',
  },
  GetRecordsInput: { ShardIterator: 'ShardIterator', Limit: 'GivenRecords' },
  GetShardIteratorInput: {
    StreamArn: 'StreamArn',
    ShardId: 'ShardId',
    ShardIteratorType: 'ShardIteratorType',
    SequenceNumber: 'SequenceNumber',
  },
  ListStreamsInput: { TableName: 'TableName', Limit: 'ListedStreams', ExclusiveStartStreamArn: 'StreamArn' },
  ShardFilter: { Type: 'ShardFilterType', ShardId: 'ShardId' },
};
