/**
 * Tables as a source: changes of items, as the table's stream tells of them, are given in batches to functions, each batch
 * one synchronous invocation. What a batch's answer decides is stream-lane.ts, how the stream is read stream-poll.ts.
 *
 * Between what a function has done and that this is on disk a crash repeats the batch, under the same request id as long
 * as it is the same batch; of one item nothing is ever given before what happened before it.
 */
import type { Binding, TableSource } from '../registry/binding.ts';
import { sequenceAt, sequenceBefore } from '../resources/stream/sequence.ts';
import type { Stream } from '../resources/stream/shard.ts';
import type { TableStreams } from '../resources/stream/table-streams.ts';
import type { DeliveryStep } from '../telemetry/telemetry.ts';
import { never } from '../util/assert.ts';
import { causedBy } from '../util/cause.ts';
import { isObject } from '../util/field.ts';
import { derivedUuid, functionArn, type RequestId } from '../util/ids.ts';
import { bury } from './dead-letter.ts';
import { sendToDestination, type DestinationParts } from './destination.ts';
import type { ProcessingResults } from './processing-results.ts';
import { noMessagingKeys } from './keys-for.ts';
import { comesAgain } from './comes-again.ts';
import { causeOf, failedIds } from './queue-notification.ts';
import { receiptOfStream } from './receive-permission.ts';
import { type EventSource, type SourceContext, untilAborted } from './source.ts';
import type { BatchGivenUp, BatchTaken, StreamBatch } from './stream-batch.ts';
import { StreamCheckpoints } from './stream-checkpoints.ts';
import { streamFilter } from './stream-filter.ts';
import { pollStream } from './stream-poll.ts';
import { arnOfStream, batchPlace, tableEventRecord } from './table-notification.ts';
import { UnderWay } from './under-way.ts';

export type TableBinding = Binding & { source: TableSource };

export type TableSourceParts = {
  tableStreams: TableStreams;
  destinations: Omit<DestinationParts, 'enqueue'>;
  results: ProcessingResults;
};

/** Whose positions in streams: `functions/000000000000/ID`. */
const consumers = 'functions/';
const consumerOf = ({ account, id }: Pick<Binding, 'account' | 'id'>): string => `${consumers}${account}/${id}`;

export function createTableSource(parts: TableSourceParts): EventSource {
  return {
    kind: 'table',
    async run(context, signal) {
      const { streams } = parts.tableStreams;
      const checkpoints = new StreamCheckpoints(context.records, parts.tableStreams);
      /**
       * What is under way for a binding ends before anything else begins for it, and what is left in a stream that was turned
       * off is seen through before the next: of one item nothing overtakes.
       */
      const turns = new Map<string, Promise<void>>();
      await using polls = new UnderWay<Served>(
        (one) => {
          const consumer = consumerOf(one.binding);
          const polling = poll(context, parts, checkpoints, one, turns.get(consumer));
          turns.set(consumer, polling.finished);
          void polling.ended.then(() => {
            if (turns.get(consumer) === polling.finished) turns.delete(consumer);
          });
          return {
            [Symbol.asyncDispose]() {
              const ended = polling[Symbol.asyncDispose]();
              return context.draining?.note(one.binding, ended) ?? ended;
            },
          };
        },
        (before, now) => isSame(before.binding, now.binding),
      );
      const told = new Map<string, string>();
      let known: ReadonlySet<string> = new Set();
      const reconcile = (): void => {
        polls.want(served(context, parts, told));
        const bindings = context.bindings.ofKind('table');
        const now = new Set(bindings.map(consumerOf));
        if (known.isSubsetOf(now)) known = now;
        else {
          known = now;
          parts.results.keepOnly(bindings);
          forget(context, checkpoints, turns);
        }
      };
      forget(context, checkpoints, turns);
      const watches = [
        context.bindings.watch(reconcile),
        streams.watch(reconcile),
        ...(context.receiving === undefined ? [] : [context.receiving.watch(reconcile)]),
      ];
      reconcile();
      await untilAborted(signal);
      for (const watch of watches) watch.stop();
    },
  };
}

/** Positions of bindings that are no more; those that still end write theirs once more, and are forgotten at the next start. */
function forget(
  { bindings, report }: SourceContext,
  checkpoints: StreamCheckpoints,
  turns: ReadonlyMap<string, Promise<void>>,
): void {
  const gone = [...turns].filter(([consumer]) => bindings.ofKind('table').every((one) => consumerOf(one) !== consumer));
  Promise.all(gone.map(([, ended]) => ended))
    .then(() =>
      checkpoints.forgetOthers(consumers, (consumer) =>
        bindings.ofKind('table').some((binding) => consumerOf(binding) === consumer),
      ),
    )
    .catch((cause: unknown) => report('positions in streams that nobody reads could not be forgotten', cause));
}

/** One binding whose stream exists, and that its function's role lets read it. */
type Served = { binding: TableBinding; stream: Stream };

function served(
  { bindings, receiving, region, report }: SourceContext,
  { tableStreams }: TableSourceParts,
  told: Map<string, string>,
): ReadonlyMap<string, Served> {
  const wanted = new Map<string, Served>();
  for (const binding of bindings.ofKind('table')) {
    const { source, functionName, application } = binding;
    if (source.enabled === false) continue;
    for (const stream of streamsOf(tableStreams, binding)) {
      const key = `${consumerOf(binding)}/${stream.label}`;
      const receipt = receiptOfStream(binding, arnOfStream(region, stream));
      const why = application === undefined ? receiving?.whyNot(receipt)?.why : undefined;
      if (why === undefined) wanted.set(key, { binding, stream });
      else if (told.get(key) !== why) report(`${functionName} is not given changes of the table ${source.table}`, why);
      if (why === undefined) told.delete(key);
      else told.set(key, why);
    }
  }
  return wanted;
}

/** The streams that a binding reads, the oldest first. */
function streamsOf(tableStreams: TableStreams, binding: TableBinding): readonly Stream[] {
  const { account, source } = binding;
  if (source.stream === undefined)
    return tableStreams.streams.list(account).filter(({ table }) => table === source.table);
  const stream = streamOf(tableStreams, binding);
  return stream === undefined ? [] : [stream];
}

/** The stream that a binding reads, or reads last. */
export function streamOf(
  { streams }: TableStreams,
  { account, source }: Pick<TableBinding, 'account' | 'source'>,
): Stream | undefined {
  return source.stream === undefined
    ? streams.ofTable(account, source.table)
    : streams.get(account, source.table, source.stream);
}

function poll(
  context: SourceContext,
  parts: TableSourceParts,
  checkpoints: StreamCheckpoints,
  { binding, stream }: Served,
  after: Promise<void> | undefined,
) {
  const { source, functionName, createdMs } = binding;
  const { batchMax, windowMs, bisects, retriesMax, ageMaxMs, tumblingMs, filters, parallel, startAt } = source;
  const taker = new FunctionTaker(context, parts, binding, stream);
  return pollStream(
    { ...context, tableStreams: parts.tableStreams, checkpoints },
    stream,
    {
      name: `changes of the table ${source.table} for ${functionName}`,
      consumer: consumerOf(binding),
      keys: (context.keys ?? noMessagingKeys).tables.function(binding),
      startAfter: sequenceBefore(sequenceAt(startAt === 'latest' ? Math.floor(createdMs) : 0)),
      laneCount: parallel,
      batchMax,
      windowMs,
      bisects,
      ...(retriesMax !== undefined && { retriesMax }),
      ...(ageMaxMs !== undefined && { ageMaxMs }),
      ...(tumblingMs !== undefined && { tumblingMs }),
      ...(filters !== undefined && { wants: streamFilter(filters) }),
      eventOf: (record) => tableEventRecord(stream, record, context.region),
      take: (batch) => taker.take(batch),
      giveUp: (batch, why) => taker.giveUp(batch, why),
    },
    after,
  );
}

function isSame(a: TableBinding, b: TableBinding): boolean {
  return (
    a.functionName === b.functionName &&
    a.qualifier === b.qualifier &&
    JSON.stringify(a.source) === JSON.stringify(b.source)
  );
}

/** As many of a batch's records are named where it is told what became of them. */
const toldMax = 100;

class FunctionTaker {
  readonly #context: SourceContext;
  readonly #parts: TableSourceParts;
  readonly #binding: TableBinding;
  readonly #arn: string;

  constructor(context: SourceContext, parts: TableSourceParts, binding: TableBinding, stream: Stream) {
    this.#context = context;
    this.#parts = parts;
    this.#binding = binding;
    this.#arn = arnOfStream(context.region, stream);
  }

  async take(batch: StreamBatch): Promise<BatchTaken> {
    const { invoker, telemetry, clock, ids, report } = this.#context;
    const { account, functionName, qualifier, source } = this.#binding;
    const result = await invoker.invoke({
      requestId: this.#requestId(batch),
      account,
      functionName,
      qualifier,
      event: Buffer.from(this.#event(batch)),
      source: 'table',
      cause: causeOf(batch.items, clock.now(), ids.hex(12)),
      attempt: batch.attempt,
    });
    if ('over' in result) await result.over;
    switch (result.status) {
      case 'ok': {
        await telemetry.flush();
        const taken = this.#answered(batch, result.payload);
        if (taken.status === 'done') this.#note(batch, 'OK');
        else this.#note(batch, 'PROBLEM: Function call failed');
        return taken;
      }
      case 'function_error': {
        await telemetry.flush();
        this.#note(batch, 'PROBLEM: Function call failed');
        const { version, error } = result;
        return { status: 'failed', failure: { message: error.errorMessage, response: { version, error } } };
      }
      case 'throttled':
      case 'unavailable':
      case 'not_found':
        return comesAgain(result, { source: `the table "${source.table}"`, waits: 'its changes' }, report);
      case 'recursion':
        return { status: 'hopeless', message: result.message };
      default:
        return never(result);
    }
  }

  /** To the destination for failures, or else to the function's dead letters. */
  async giveUp(batch: StreamBatch, { condition, message, attempts, response }: BatchGivenUp): Promise<void> {
    const { clock, ids, region } = this.#context;
    const { account, functionName, qualifier, source, id } = this.#binding;
    const { onFailure } = source;
    const event = this.#event(batch);
    const requestId = this.#requestId(batch);
    const decidedMs = clock.now();
    const cause = causeOf(batch.items, decidedMs, ids.hex(12));
    const arn = functionArn(region, account, functionName);
    const isBucket = onFailure?.startsWith('arn:aws:s3:') === true;
    const document = JSON.stringify({
      requestContext: {
        requestId,
        functionArn: qualifier === '$LATEST' ? arn : `${arn}:${qualifier}`,
        condition,
        approximateInvokeCount: attempts,
      },
      ...(response !== undefined && {
        responseContext: { statusCode: 200, executedVersion: response.version, functionError: 'Unhandled' },
      }),
      version: '1.0',
      timestamp: new Date(decidedMs).toISOString(),
      DDBStreamBatchInfo: batchPlace(this.#arn, batch.shard, batch.items),
      // Only an object has room for it.
      ...(isBucket && { payload: event }),
    });
    const sending = {
      account,
      functionName,
      qualifier,
      requestId,
      decidedMs,
      record: document,
      cause: attempts === 0 ? cause : causedBy(cause, arn),
      folder: `${id}/${batch.shard}`,
    };
    // What was never tried has no story yet; its end is told by who buries it.
    if (attempts === 0) this.#tell(batch, { kind: 'accepted' });
    const { destinations } = this.#parts;
    const send = (): Promise<string> =>
      sendToDestination(onFailure ?? '', sending, { ...destinations, enqueue: noFunction });
    await bury(
      {
        account,
        functionName,
        qualifier,
        requestId,
        source: 'table',
        event,
        decidedMs,
        cause: sending.cause,
        givenUp: { condition, message, attempts, ...(response !== undefined && { response }) },
        ...(onFailure !== undefined && { destination: { name: onFailure, send } }),
      },
      this.#context,
    );
  }

  /** The same for the same batch, so that what a crash repeats is known for what it is. */
  #requestId({ shard, items, window }: StreamBatch): RequestId {
    const { account, id } = this.#binding;
    const [first, last] = [items[0]?.sequence ?? `window ${window?.startMs ?? 0}`, items.at(-1)?.sequence ?? ''];
    return derivedUuid('table', account, id, this.#arn, shard, first, last) as RequestId;
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html */
  #event({ items, shard, window }: StreamBatch): string {
    const records = { Records: items.map(({ event }) => event) };
    if (window === undefined) return JSON.stringify(records);
    const time = (ms: number): string => new Date(ms).toISOString().replace(/\.000Z$/, 'Z');
    return JSON.stringify({
      ...records,
      window: { start: time(window.startMs), end: time(window.endMs) },
      state: window.state,
      shardId: shard,
      eventSourceARN: this.#arn,
      isFinalInvokeForWindow: window.isFinal,
      isWindowTerminatedEarly: window.isTerminatedEarly,
    });
  }

  #answered({ items, window }: StreamBatch, payload: Uint8Array): BatchTaken {
    const { reportsFailures } = this.#binding.source;
    const state = window === undefined ? undefined : stateIn(payload);
    if (window !== undefined && !window.isFinal && state === undefined)
      return { status: 'failed', failure: { message: 'the answer has no state for the window' } };
    const kept = state === undefined ? {} : { state };
    if (!reportsFailures) return { status: 'done', ...kept };
    const failed = failedIds(
      payload,
      items.map(({ sequence }) => sequence),
    );
    const failedFrom = items.findIndex(({ sequence }) => failed.has(sequence));
    if (failedFrom < 0) return { status: 'done', ...kept };
    const failure = { message: `the function reported ${items[failedFrom]?.sequence} as failed` };
    return { status: 'partly', failedFrom, failure, ...kept };
  }

  #note(batch: StreamBatch, result: string): void {
    this.#parts.results.note(this.#binding, result);
    const detail = `${batch.items.length} changes come again, as far as they failed`;
    this.#tell(batch, {
      kind: 'ended',
      ...(result === 'OK' ? { outcome: 'succeeded' } : { outcome: 'back', detail }),
    });
  }

  #tell(batch: StreamBatch, step: DeliveryStep): void {
    const { telemetry, clock } = this.#context;
    telemetry.emit({
      kind: 'delivery',
      timeMs: clock.now(),
      account: this.#binding.account,
      id: this.#requestId(batch),
      place: `function ${this.#binding.functionName}`,
      source: 'table',
      from: batch.items.slice(0, toldMax).map(({ sequence }) => sequence),
      step,
    });
  }
}

/** What a stream gives up is told to queues, topics and buckets. */
const noFunction = (): Promise<void> => Promise.reject(new Error('no function is told of what a stream gives up'));

function stateIn(payload: Uint8Array): object | undefined {
  try {
    const answer: unknown = JSON.parse(Buffer.from(payload).toString());
    return isObject(answer) && isObject(answer['state']) ? answer['state'] : undefined;
  } catch {
    return undefined;
  }
}
