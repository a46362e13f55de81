import type { ListStreamsInput, ListStreamsOutput } from '@aws-sdk/client-dynamodb-streams';
import { arnOfStream } from '../../events/table-notification.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { type StreamsParts } from './needed-stream.ts';

const pageMax = 100;

/** Those that were turned off, too, for as long as they can be read. */
export const listStreams = ({ tableStreams }: StreamsParts): OperationEntry => ({
  access: () => [{ action: 'dynamodb:ListStreams', resource: '*' }],
  run({ account, region }: AwsContext, input: ListStreamsInput): Promise<ListStreamsOutput> {
    const { TableName: table, ExclusiveStartStreamArn: after = '', Limit: limit = pageMax } = input;
    const left = tableStreams.streams
      .list(account)
      .filter((stream) => table === undefined || stream.table === table)
      .map((stream) => ({
        StreamArn: arnOfStream(region, stream),
        TableName: stream.table,
        StreamLabel: stream.label,
      }))
      .filter(({ StreamArn: arn }) => arn > after);
    const page = left.slice(0, limit);
    const last = page.at(-1);
    return Promise.resolve({
      Streams: page,
      ...(last !== undefined && page.length < left.length && { LastEvaluatedStreamArn: last.StreamArn }),
    });
  },
});
