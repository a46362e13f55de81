// Generated from @aws-sdk/client-dynamodb-streams@3.1141.0 by scripts/generate-aws-models.ts. Do not edit: run `npm run generate`.
import type { ModelTable } from '../protocol/shape.ts';

export type DynamodbstreamsOperationName =
  | 'DescribeStream'
  | 'GetRecords'
  | 'GetShardIterator'
  | 'ListStreams';

export const dynamodbstreamsModel: ModelTable = {
  generatedFrom: '@aws-sdk/client-dynamodb-streams@3.1141.0',
  serviceId: 'DynamoDB Streams',
  version: '2012-08-10',
  namespace: 'com.amazonaws.dynamodbstreams',
  targetPrefix: 'DynamoDBStreams_20120810',
  xmlNamespace: 'http://dynamodb.amazonaws.com/doc/2012-08-10/',
  operations: {
    DescribeStream: { input: 'DescribeStreamInput', output: 'DescribeStreamOutput' },
    GetRecords: { input: 'GetRecordsInput', output: 'GetRecordsOutput' },
    GetShardIterator: { input: 'GetShardIteratorInput', output: 'GetShardIteratorOutput' },
    ListStreams: { input: 'ListStreamsInput', output: 'ListStreamsOutput' },
  },
  shapes: {
    AttributeMap: { map: ['string', '#AttributeValue'] },
    AttributeValue: { structure: { S: 'string', N: 'string', B: 'blob', SS: '[string]', NS: '[string]', BS: '[blob]', M: '#MapAttributeValue', L: '#ListAttributeValue', NULL: 'boolean', BOOL: 'boolean' }, union: true },
    DescribeStreamInput: { structure: { StreamArn: 'string', Limit: 'number', ExclusiveStartShardId: 'string', ShardFilter: '#ShardFilter' }, required: ['StreamArn'] },
    DescribeStreamOutput: { structure: { StreamDescription: '#StreamDescription' } },
    GetRecordsInput: { structure: { ShardIterator: 'string', Limit: 'number' }, required: ['ShardIterator'] },
    GetRecordsOutput: { structure: { Records: '#RecordList', NextShardIterator: 'string' } },
    GetShardIteratorInput: { structure: { StreamArn: 'string', ShardId: 'string', ShardIteratorType: 'string', SequenceNumber: 'string' }, required: ['StreamArn', 'ShardId', 'ShardIteratorType'] },
    GetShardIteratorOutput: { structure: { ShardIterator: 'string' } },
    Identity: { structure: { PrincipalId: 'string', Type: 'string' } },
    KeySchema: { list: '#KeySchemaElement' },
    KeySchemaElement: { structure: { AttributeName: 'string', KeyType: 'string' }, required: ['AttributeName', 'KeyType'] },
    ListAttributeValue: { list: '#AttributeValue' },
    ListStreamsInput: { structure: { TableName: 'string', Limit: 'number', ExclusiveStartStreamArn: 'string' } },
    ListStreamsOutput: { structure: { Streams: '#StreamList', LastEvaluatedStreamArn: 'string' } },
    MapAttributeValue: { map: ['string', '#AttributeValue'] },
    Record: { structure: { eventID: 'string', eventName: 'string', eventVersion: 'string', eventSource: 'string', awsRegion: 'string', dynamodb: '#StreamRecord', userIdentity: '#Identity' } },
    RecordList: { list: '#Record' },
    SequenceNumberRange: { structure: { StartingSequenceNumber: 'string', EndingSequenceNumber: 'string' } },
    Shard: { structure: { ShardId: 'string', SequenceNumberRange: '#SequenceNumberRange', ParentShardId: 'string' } },
    ShardDescriptionList: { list: '#Shard' },
    ShardFilter: { structure: { Type: 'string', ShardId: 'string' } },
    Stream: { structure: { StreamArn: 'string', TableName: 'string', StreamLabel: 'string' } },
    StreamDescription: { structure: { StreamArn: 'string', StreamLabel: 'string', StreamStatus: 'string', StreamViewType: 'string', CreationRequestDateTime: 'timestamp', TableName: 'string', KeySchema: '#KeySchema', Shards: '#ShardDescriptionList', LastEvaluatedShardId: 'string' } },
    StreamList: { list: '#Stream' },
    StreamRecord: { structure: { ApproximateCreationDateTime: 'timestamp', Keys: '#AttributeMap', NewImage: '#AttributeMap', OldImage: '#AttributeMap', SequenceNumber: 'string', SizeBytes: 'number', StreamViewType: 'string' } },
  },
  errors: {
    ExpiredIteratorException: { structure: { message: 'string' }, traits: { fault: 'client' } },
    InternalServerError: { structure: { message: 'string' }, traits: { fault: 'server' } },
    LimitExceededException: { structure: { message: 'string' }, traits: { fault: 'client' } },
    ResourceNotFoundException: { structure: { message: 'string' }, traits: { fault: 'client' } },
    TrimmedDataAccessException: { structure: { message: 'string' }, traits: { fault: 'client' } },
  },
};
