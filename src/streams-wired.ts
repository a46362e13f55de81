/** Streams of tables, to those who read them: their API, and the functions that are bound to them. */
import type { SideOf } from './aws/authorization.ts';
import { createDynamodbstreamsService } from './aws/dynamodbstreams/dynamodbstreams.ts';
import type { StreamsParts } from './aws/dynamodbstreams/needed-stream.ts';
import type { AwsService } from './aws/service.ts';
import type { DestinationParts } from './events/destination.ts';
import { ProcessingResults } from './events/processing-results.ts';
import type { EventSource } from './events/source.ts';
import { createTableSource } from './events/table.ts';
import { parseStreamArn } from './events/table-notification.ts';
import type { TableStreams } from './resources/stream/table-streams.ts';
import type { Clock } from './util/clock.ts';

export type StreamsWiredParts = Omit<DestinationParts, 'enqueue'> & {
  tableStreams: TableStreams;
  unlock: StreamsParts['unlock'];
  clock: Clock;
};

export type WiredStreams = {
  service: AwsService;
  source: EventSource;
  results: ProcessingResults;
  /** Whose a stream is. It has no policy of its own: nobody of another account may have it. */
  side: SideOf;
};

export function wireStreams({ tableStreams, unlock, clock, ...destinations }: StreamsWiredParts): WiredStreams {
  const results = new ProcessingResults();
  return {
    service: createDynamodbstreamsService({ tableStreams, unlock, clock }),
    source: createTableSource({ tableStreams, destinations, results }),
    results,
    side: (_who, { resource }) => {
      const name = parseStreamArn(resource);
      return name === undefined ? undefined : { account: name.account };
    },
  };
}
