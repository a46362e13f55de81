import type { DescribeStreamInput, DescribeStreamOutput, Shard as ShownShard } from '@aws-sdk/client-dynamodb-streams';
import type { Shard } from '../../resources/stream/shard.ts';
import { attributesOf } from '../../resources/table/table.ts';
import { arnOfStream } from '../../events/table-notification.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { neededShard, neededStream, streamAccess, type StreamsParts } from './needed-stream.ts';

const pageMax = 100;

export const describeStream = (parts: StreamsParts): OperationEntry => ({
  access: (_context, { StreamArn: arn }: DescribeStreamInput) => streamAccess('DescribeStream', arn),
  run(context: AwsContext, input: DescribeStreamInput): Promise<DescribeStreamOutput> {
    const { StreamArn: arn = '', Limit: limit = pageMax, ExclusiveStartShardId: after, ShardFilter: filter } = input;
    const stream = neededStream(parts, context, arn);
    const parent = filter?.Type === 'CHILD_SHARDS' ? filter.ShardId : undefined;
    const wanted = parent === undefined ? stream.shards : stream.shards.filter((shard) => shard.parent === parent);
    const start = after === undefined ? 0 : wanted.indexOf(neededShard(stream, after)) + 1;
    const page = wanted.slice(start, start + limit);
    const last = page.at(-1);
    return Promise.resolve({
      StreamDescription: {
        StreamArn: arnOfStream(context.region, stream),
        StreamLabel: stream.label,
        StreamStatus: stream.closedMs === undefined ? 'ENABLED' : 'DISABLED',
        StreamViewType: stream.view,
        CreationRequestDateTime: new Date(stream.createdMs),
        TableName: stream.table,
        KeySchema: attributesOf(stream.key).map(({ name }, index) => ({
          AttributeName: name,
          KeyType: index === 0 ? 'HASH' : 'RANGE',
        })),
        Shards: page.map(shownShard),
        ...(last !== undefined && start + page.length < wanted.length && { LastEvaluatedShardId: last.id }),
      },
    });
  },
});

const shownShard = ({ id, parent, firstSequence, lastSequence }: Shard): ShownShard => ({
  ShardId: id,
  SequenceNumberRange: {
    StartingSequenceNumber: firstSequence,
    ...(lastSequence !== undefined && { EndingSequenceNumber: lastSequence }),
  },
  ...(parent !== undefined && { ParentShardId: parent }),
});
