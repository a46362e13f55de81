/** DynamoDB's event for changes of a table's items, and what is told of those that were given up. Pure. */
import { recordId, type Stream } from '../resources/stream/shard.ts';
import type { TableRecord } from '../resources/stream/table-streams.ts';
import { streamArn } from '../resources/table/table.ts';
import { parseArn } from '../util/arn.ts';
import type { AccountId } from '../util/ids.ts';

export const arnOfStream = (
  region: string,
  { account, table, label }: Pick<Stream, 'account' | 'table' | 'label'>,
): string => streamArn(region, { account, name: table }, label);

export type StreamName = { account: AccountId; region: string; table: string; label: string };

/** Undefined: it is no stream's ARN. */
export function parseStreamArn(text: string): StreamName | undefined {
  const arn = parseArn(text);
  const [, table, label] = /^table\/([^/]+)\/stream\/([^/]+)$/.exec(arn?.resource ?? '') ?? [];
  if (arn?.service !== 'dynamodb' || table === undefined || label === undefined) return undefined;
  return { account: arn.account as AccountId, region: arn.region, table, label };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export function tableEventRecord(
  stream: Pick<Stream, 'account' | 'table' | 'label' | 'view'>,
  { sequence, timeMs, change }: TableRecord,
  region: string,
): object {
  return {
    eventID: recordId(stream, sequence),
    eventName: change.name,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(timeMs / 1_000),
      Keys: change.keys,
      ...(change.after !== undefined && { NewImage: change.after }),
      ...(change.before !== undefined && { OldImage: change.before }),
      SequenceNumber: sequence,
      SizeBytes: change.bytes,
      StreamViewType: stream.view,
    },
    ...(change.byExpiry && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
    eventSourceARN: arnOfStream(region, stream),
  };
}

/** Where in the stream a batch is: what is kept for a day can be read there again. */
export type BatchPlace = {
  shardId: string;
  startSequenceNumber: string;
  endSequenceNumber: string;
  approximateArrivalOfFirstRecord: string;
  approximateArrivalOfLastRecord: string;
  batchSize: number;
  streamArn: string;
};

export function batchPlace(
  arn: string,
  shard: string,
  items: readonly { sequence: string; timeMs: number }[],
): BatchPlace {
  const [first, last] = [items[0], items.at(-1)];
  const time = (timeMs = 0): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
  return {
    shardId: shard,
    startSequenceNumber: first?.sequence ?? '',
    endSequenceNumber: last?.sequence ?? '',
    approximateArrivalOfFirstRecord: time(first?.timeMs),
    approximateArrivalOfLastRecord: time(last?.timeMs),
    batchSize: items.length,
    streamArn: arn,
  };
}
