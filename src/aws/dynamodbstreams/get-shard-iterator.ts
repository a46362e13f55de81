import type { GetShardIteratorInput, GetShardIteratorOutput } from '@aws-sdk/client-dynamodb-streams';
import type { Shard } from '../../resources/stream/shard.ts';
import { isSequence, sequenceBefore } from '../../resources/stream/sequence.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { invalid, neededShard, neededStream, streamAccess, type StreamsParts } from './needed-stream.ts';
import { writeIterator } from './shard-iterator.ts';

export const getShardIterator = (parts: StreamsParts): OperationEntry => ({
  access: (_context, { StreamArn: arn }: GetShardIteratorInput) => streamAccess('GetShardIterator', arn),
  run(context: AwsContext, input: GetShardIteratorInput): Promise<GetShardIteratorOutput> {
    const { StreamArn: streamArn = '', ShardId: id = '' } = input;
    const stream = neededStream(parts, context, streamArn);
    const shard = neededShard(stream, id);
    const { streams } = parts.tableStreams;
    const latest = shard.lastSequence ?? streams.latest(stream) ?? shard.firstSequence;
    const { after, isExact } = positionOf(input, shard, latest);
    if (isExact && after < sequenceBefore(streams.horizon())) throw trimmed();
    const ShardIterator = writeIterator({ streamArn, shard: id, after, isExact, madeMs: parts.clock.now() });
    return Promise.resolve({ ShardIterator });
  },
});

function positionOf(
  { ShardIteratorType: type, SequenceNumber: sequence }: GetShardIteratorInput,
  { firstSequence, lastSequence }: Shard,
  latest: string,
): { after: string; isExact: boolean } {
  switch (type) {
    case 'TRIM_HORIZON':
    case 'LATEST':
      if (sequence !== undefined)
        throw invalid(`SequenceNumber must not be specified when ShardIteratorType is ${type}`);
      return { after: type === 'LATEST' ? latest : sequenceBefore(firstSequence), isExact: false };
    case 'AT_SEQUENCE_NUMBER':
    case 'AFTER_SEQUENCE_NUMBER':
      if (sequence === undefined) throw invalid(`SequenceNumber must be specified when ShardIteratorType is ${type}`);
      if (!isSequence(sequence) || sequence < firstSequence || sequence > (lastSequence ?? latest))
        throw invalid(`Invalid SequenceNumber: ${sequence} is not in the range of the shard`);
      return { after: type === 'AT_SEQUENCE_NUMBER' ? sequenceBefore(sequence) : sequence, isExact: true };
    case undefined:
    default:
      throw invalid(`Invalid ShardIteratorType: ${String(type)}`);
  }
}

export const trimmed = (): PlatformError =>
  new PlatformError(
    'invalid_argument',
    'The operation attempted to read past the oldest stream record in a shard: it was kept for 24 hours.',
    { reason: 'TrimmedDataAccessException' },
  );
