/**
 * Changes of a table for a pipe: in batches, and in the order of each item. What fails is tried again before anything later
 * of its lane; what is given up is told to the pipe's dead-letter queue or topic.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html
 */
import type { Pipe } from '../resources/pipe/pipe.ts';
import type { Pipes } from '../resources/pipe/pipes.ts';
import { sequenceAt, sequenceBefore } from '../resources/stream/sequence.ts';
import type { Stream } from '../resources/stream/shard.ts';
import { PlatformError } from '../util/errors.ts';
import { derivedUuid } from '../util/ids.ts';
import { noMessagingKeys } from './keys-for.ts';
import { behalfOf, PipeCarrier, pipeArn, type PipeSourceParts } from './pipe-carrier.ts';
import { causeOf } from './queue-notification.ts';
import type { SourceContext } from './source.ts';
import type { BatchGivenUp, BatchTaken, StreamBatch } from './stream-batch.ts';
import type { StreamCheckpoints } from './stream-checkpoints.ts';
import { streamFilter } from './stream-filter.ts';
import { pollStream, type StreamPolling } from './stream-poll.ts';
import { arnOfStream, batchPlace, tableEventRecord } from './table-notification.ts';
import { sendToTarget } from './target.ts';

const consumers = 'pipes/';
export const pipeStreamConsumer = ({ account, life }: Pick<Pipe, 'account' | 'life'>): string =>
  `${consumers}${account}/${life}`;

/** Positions of pipes that are no more. */
export function forgetPipes({ report }: SourceContext, checkpoints: StreamCheckpoints, pipes: Pipes): void {
  checkpoints
    .forgetOthers(consumers, (consumer) => [...pipes.all()].some((pipe) => pipeStreamConsumer(pipe) === consumer))
    .catch((cause: unknown) => report('positions of pipes that are no more could not be forgotten', cause));
}

/** `after`: what has to end before. */
export function pollPipeStream(
  context: SourceContext,
  parts: PipeSourceParts,
  checkpoints: StreamCheckpoints,
  pipe: Pipe,
  stream: Stream,
  after: Promise<void> | undefined,
): StreamPolling {
  const { clock, ids, region } = context;
  const { batchMax, windowMs, filters, stream: settings } = pipe.settings;
  const { startAt = 'oldest', parallel = 1, bisects = false, retriesMax, ageMaxMs } = settings ?? {};
  const carrier = new PipeCarrier(context, parts, pipe);

  async function take({ items }: StreamBatch): Promise<BatchTaken> {
    const sequences = items.map(({ sequence }) => sequence);
    const cause = causeOf(items, clock.now(), ids.hex(12));
    const carried = await carrier.carry(
      items.map(({ event }) => event),
      sequences,
      cause,
    );
    if (carried.status === 'later') return carried;
    if (carried.status === 'failed') return { status: 'failed', failure: { message: carried.why } };
    const failedFrom = sequences.findIndex((sequence) => carried.left.has(sequence));
    if (failedFrom < 0) return { status: 'done' };
    return { status: 'partly', failedFrom, failure: { message: `${sequences[failedFrom]} was reported as failed` } };
  }

  async function giveUp({ shard, items }: StreamBatch, { condition, message }: BatchGivenUp): Promise<void> {
    const arn = settings?.deadLetterArn;
    const place = batchPlace(arnOfStream(region, stream), shard, items);
    context.report(
      `the pipe ${pipe.name} gives up ${items.length} changes${arn === undefined ? '' : `, which is told to ${arn}`}`,
      `${message} (${place.shardId}, from ${place.startSequenceNumber} to ${place.endSequenceNumber})`,
    );
    if (arn === undefined) return;
    const nowMs = clock.now();
    const text = JSON.stringify({
      context: { partnerResourceArn: pipeArn(region, pipe), condition },
      version: '1.0',
      timestamp: new Date(nowMs).toISOString(),
      DDBStreamBatchInfo: place,
    });
    const sending = {
      id: derivedUuid('pipe given up', pipe.life, shard, place.startSequenceNumber, place.endSequenceNumber),
      arn,
      text,
      behalf: behalfOf(pipe, region),
      roleArn: pipe.settings.roleArn,
      cause: causeOf(items, nowMs, ids.hex(12)),
      source: 'pipe' as const,
    };
    try {
      await sendToTarget(sending, { ...context, ...parts });
    } catch (error) {
      // What can never be told holds up nothing: the operator has heard of it.
      if (!(error instanceof PlatformError) || error.fault === 'platform' || error.code === 'throttled') throw error;
      context.report(`the pipe ${pipe.name} could not tell ${arn} of what it gave up`, error);
    }
  }

  return pollStream(
    { ...context, tableStreams: parts.tableStreams, checkpoints },
    stream,
    {
      name: `changes of the table ${stream.table} for the pipe ${pipe.name}`,
      consumer: pipeStreamConsumer(pipe),
      keys: (context.keys ?? noMessagingKeys).tables.service(behalfOf(pipe, region), pipe.settings.roleArn),
      startAfter: sequenceBefore(sequenceAt(startAt === 'latest' ? Math.floor(pipe.createdMs) : 0)),
      laneCount: parallel,
      batchMax,
      windowMs,
      bisects,
      ...(retriesMax !== undefined && { retriesMax }),
      ...(ageMaxMs !== undefined && { ageMaxMs }),
      ...(filters !== undefined && { wants: streamFilter(filters) }),
      eventOf: (record) => tableEventRecord(stream, record, region),
      take,
      giveUp,
    },
    after,
  );
}
