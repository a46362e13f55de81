import type { GetRecordsInput, GetRecordsOutput, _Record as ShownRecord } from '@aws-sdk/client-dynamodb-streams';
import { recordId, streamLimits, type Stream } from '../../resources/stream/shard.ts';
import { sequenceBefore } from '../../resources/stream/sequence.ts';
import type { TableRecord } from '../../resources/stream/table-streams.ts';
import { readItem, type WrittenItem } from '../../resources/table/item-codec.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { trimmed } from './get-shard-iterator.ts';
import { neededStream, streamAccess, type StreamsParts } from './needed-stream.ts';
import { iteratorMs, readIterator, writeIterator } from './shard-iterator.ts';

/** Without another iterator once a closed shard has been read to its end. */
export const getRecords = (parts: StreamsParts): OperationEntry => ({
  access: (_context, { ShardIterator: text = '' }: GetRecordsInput) =>
    streamAccess('GetRecords', readIterator(text).streamArn),
  async run(context: AwsContext, input: GetRecordsInput): Promise<GetRecordsOutput> {
    const { ShardIterator: text = '', Limit: limit = streamLimits.recordsMax } = input;
    const iterator = readIterator(text);
    const stream = neededStream(parts, context, iterator.streamArn);
    const nowMs = parts.clock.now();
    if (nowMs - iterator.madeMs > iteratorMs)
      throw new PlatformError(
        'invalid_argument',
        'The shard iterator has expired: it can be used for 15 minutes after it was answered.',
        { reason: 'ExpiredIteratorException' },
      );
    await parts.unlock(context, { id: stream.tableId, cipherKey: stream.cipherKey });
    const { streams } = parts.tableStreams;
    if (iterator.isExact && iterator.after < sequenceBefore(streams.horizon())) throw trimmed();
    const { records, unreadable, after, isOver } = await parts.tableStreams.read(
      stream,
      { id: iterator.shard },
      { after: iterator.after, limit, bytesMax: streamLimits.bytesMax },
    );
    if (unreadable.length > 0)
      throw new PlatformError('unavailable', `Records of the stream cannot be read: ${unreadable.join(', ')}`, {
        reason: 'InternalServerError',
      });
    return {
      Records: records.map((record) => shownRecord(context.region, stream, record)),
      ...(!isOver && { NextShardIterator: writeIterator({ ...iterator, after, isExact: false, madeMs: nowMs }) }),
    };
  },
});

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html */
function shownRecord(region: string, stream: Stream, { sequence, timeMs, change }: TableRecord): ShownRecord {
  const { name, keys, after, before, bytes, byExpiry } = change;
  return {
    eventID: recordId(stream, sequence),
    eventName: name,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      // To the second.
      ApproximateCreationDateTime: new Date(Math.floor(timeMs / 1_000) * 1_000),
      Keys: imageOf(keys),
      ...(after !== undefined && { NewImage: imageOf(after) }),
      ...(before !== undefined && { OldImage: imageOf(before) }),
      SequenceNumber: sequence,
      SizeBytes: bytes,
      StreamViewType: stream.view,
    },
    ...(byExpiry && { userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' } }),
  };
}

type Image = NonNullable<NonNullable<ShownRecord['dynamodb']>['Keys']>;

/** With bytes as bytes, as the client's types have it. */
const imageOf = (item: WrittenItem): Image => readItem(item) as Image;
