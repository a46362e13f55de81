/**
 * DynamoDB Streams: what changed in tables, read shard by shard (resources/stream/). docs/reference/dynamodb.md says what
 * differs. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
 */
import { constrained } from '../constraints.ts';
import { dynamodbstreamsModel, type DynamodbstreamsOperationName } from '../model/dynamodbstreams.ts';
import type { AwsService, OperationTable } from '../service.ts';
import { memberShapes, shapeConstraints } from './constraint-table.ts';
import { describeStream } from './describe-stream.ts';
import { getRecords } from './get-records.ts';
import { getShardIterator } from './get-shard-iterator.ts';
import { listStreams } from './list-streams.ts';
import type { StreamsParts } from './needed-stream.ts';

export function createDynamodbstreamsService(parts: StreamsParts): AwsService {
  const operations: OperationTable<DynamodbstreamsOperationName> = {
    DescribeStream: describeStream(parts),
    GetRecords: getRecords(parts),
    GetShardIterator: getShardIterator(parts),
    ListStreams: listStreams(parts),
  };
  return {
    name: 'dynamodbstreams',
    signingNames: ['dynamodb'],
    protocols: ['json-1.0'],
    model: dynamodbstreamsModel,
    operations: constrained(operations, dynamodbstreamsModel, { shapes: shapeConstraints, members: memberShapes }),
  };
}
