/**
 * How a table's stream is taken in batches for somebody who takes them: a function's binding, or a pipe. Each shard is read
 * in order, a parent to its end before its child, and divided into lanes: all records of one item are in one lane.
 *
 * What was done is written down after it (stream-checkpoints.ts): a crash between repeats it, with all that comes behind it
 * in its lane, so that of one item nothing is given in another order than it happened.
 */
import type { DataKeys } from '../resources/data-keys.ts';
import { streamLimits, type Shard, type Stream } from '../resources/stream/shard.ts';
import type { TableRecord, TableStreams } from '../resources/stream/table-streams.ts';
import { keyKeptMs } from '../resources/table/table-ciphers.ts';
import { backOffMs } from '../util/back-off.ts';
import type { Clock } from '../util/clock.ts';
import { randomFraction, type Ids } from '../util/ids.ts';
import { delay, type Report } from './source.ts';
import type { BatchPolicy, StreamItem, StreamTaker } from './stream-batch.ts';
import type { ShardPosition, StreamCheckpoints } from './stream-checkpoints.ts';
import { StreamLane, type LanePosition } from './stream-lane.ts';

export type StreamPoll = BatchPolicy &
  StreamTaker & {
    /** For the operator: `changes of the table orders for hello`. */
    name: string;
    /** Whose positions they are. */
    consumer: string;
    /** Of shards that have no position yet. */
    startAfter: string;
    /** Lanes of each shard. */
    laneCount: number;
    /** With which the table's key is opened, where that is one of KMS: its holder is asked again after some minutes. */
    keys: Pick<DataKeys, 'open'>;
    /** What is told of a record. */
    eventOf(record: TableRecord): object;
    /** What is not wanted is passed over. Absent: everything is. */
    wants?: (event: object) => boolean;
  };

export type StreamPollParts = {
  tableStreams: TableStreams;
  checkpoints: StreamCheckpoints;
  clock: Clock;
  ids: Ids;
  report: Report;
};

export type StreamPolling = AsyncDisposable & {
  /** Nothing of it runs any more, however long that takes. */
  ended: Promise<void>;
  /** The stream is closed, and all of it has been seen through; or it has ended. */
  finished: Promise<void>;
};

/** Of one shard, waiting for its lanes or with them: a few full events. */
const bufferBytesMax = 16 * 1024 * 1024;
/** After so many records that nobody wanted, too, it is written down how far it has come. */
const unsavedMax = 10_000;
/** Between two looks into a shard: what is written meanwhile comes together, instead of by a look for each. */
const readEveryMs = 5;
const retryBounds = { firstMs: 200, maxMs: 30_000 };
/** As for all that is delivered (deliver.ts): what takes longer is given again after the next start. */
const drainMsMax = 25_000;

/** Until it is disposed of. `after`: what has to end before it begins. */
export function pollStream(
  parts: StreamPollParts,
  stream: Stream,
  poll: StreamPoll,
  after: Promise<void> = Promise.resolve(),
): StreamPolling {
  const stop = new AbortController();
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const ended = after.then(() => new StreamPoller(parts, stream, poll, stop.signal, finish).run()).finally(finish);
  return {
    ended,
    finished,
    async [Symbol.asyncDispose]() {
      stop.abort();
      const waited = new AbortController();
      await Promise.race([ended, delay(parts.clock, drainMsMax, waited.signal)]);
      waited.abort();
    },
  };
}

class StreamPoller {
  readonly #parts: StreamPollParts;
  readonly #stream: Stream;
  readonly #poll: StreamPoll;
  readonly #signal: AbortSignal;
  readonly #finish: () => void;
  readonly #shards = new Map<string, Promise<void>>();
  #positions = new Map<string, ShardPosition>();

  constructor(parts: StreamPollParts, stream: Stream, poll: StreamPoll, signal: AbortSignal, finish: () => void) {
    this.#parts = parts;
    this.#stream = stream;
    this.#poll = poll;
    this.#signal = signal;
    this.#finish = finish;
  }

  async run(): Promise<void> {
    const { tableStreams, checkpoints } = this.#parts;
    const { consumer } = this.#poll;
    await retried(this.#parts, this.#poll, this.#signal, async () => {
      this.#positions = await checkpoints.load(consumer, this.#stream);
    });
    if (this.#signal.aborted) return;
    const watch = tableStreams.streams.watch(() => this.#begin());
    this.#begin();
    await new Promise<void>((resolve) => {
      if (this.#signal.aborted) resolve();
      this.#signal.addEventListener('abort', () => resolve(), { once: true });
    });
    watch.stop();
    await Promise.all(this.#shards.values());
  }

  /** Reads every shard that may be read now. */
  #begin(): void {
    if (this.#signal.aborted) return;
    const { account, table, label } = this.#stream;
    const stream = this.#parts.tableStreams.streams.get(account, table, label);
    const { shards = [] } = stream ?? {};
    for (const shard of shards) {
      if (this.#shards.has(shard.id) || this.#isOver(shard)) continue;
      const parent = shards.find(({ id }) => id === shard.parent);
      if (parent === undefined || this.#isOver(parent)) this.#shards.set(shard.id, this.#read(shard));
    }
    if (stream?.closedMs !== undefined && shards.every((shard) => this.#isOver(shard))) this.#finish();
    this.#forget(shards);
  }

  #isOver({ id, lastSequence }: Shard): boolean {
    const position = this.#positions.get(id);
    if (position !== undefined) return position.isOver === true;
    return lastSequence !== undefined && lastSequence <= this.#poll.startAfter;
  }

  async #read(shard: Shard): Promise<void> {
    const { startAfter, laneCount } = this.#poll;
    const kept = this.#positions.get(shard.id)?.lanes ?? [];
    const isOver = await new ShardReader({
      ...this.#parts,
      stream: this.#stream,
      shard,
      poll: this.#poll,
      lanes: lanesOf(kept, laneCount, startAfter),
      signal: this.#signal,
      save: async (position) => {
        await this.#parts.checkpoints.save(this.#poll.consumer, this.#stream, shard.id, position);
        this.#positions.set(shard.id, position);
      },
    }).run();
    this.#shards.delete(shard.id);
    if (isOver) this.#begin();
  }

  /** Of shards that have been let go of. */
  #forget(shards: readonly Shard[]): void {
    const gone = [...this.#positions.keys()].filter(
      (id) => !this.#shards.has(id) && !shards.some((shard) => shard.id === id),
    );
    for (const id of gone) this.#positions.delete(id);
    const { checkpoints, report } = this.#parts;
    checkpoints
      .forget(this.#poll.consumer, this.#stream.label, gone)
      .catch((cause: unknown) => report(`${this.#poll.name}: old positions could not be forgotten`, cause));
  }
}

/** Where each lane goes on. With another number of lanes than before, all where the last of them was. Pure. */
function lanesOf(kept: readonly LanePosition[], count: number, startAfter: string): readonly LanePosition[] {
  if (kept.length === count) return kept;
  const after = kept.length === 0 ? startAfter : kept.map((lane) => lane.after).reduce((a, b) => (a < b ? a : b));
  return Array.from({ length: count }, () => ({ after }));
}

type ShardReaderParts = StreamPollParts & {
  stream: Stream;
  shard: Shard;
  poll: StreamPoll;
  lanes: readonly LanePosition[];
  signal: AbortSignal;
  save(position: ShardPosition): Promise<void>;
};

class ShardReader {
  readonly #parts: ShardReaderParts;
  readonly #lanes: readonly StreamLane[];
  /** All up to here has been given to the lanes. */
  #read: string;
  #unsaved = 0;
  #saving: Promise<void> | undefined;
  #isSaveDue = false;
  #mayHaveMore = true;
  #readMs = Number.NEGATIVE_INFINITY;
  #unlockedMs = Number.NEGATIVE_INFINITY;
  #woken: (() => void) | undefined;

  constructor(parts: ShardReaderParts) {
    this.#parts = parts;
    const { poll, shard, clock, ids, report, lanes, signal } = parts;
    this.#read = lanes.map(({ after }) => after).reduce((a, b) => (a < b ? a : b));
    this.#lanes = lanes.map(
      (lane) =>
        new StreamLane(
          {
            name: poll.name,
            shard: shard.id,
            policy: poll,
            taker: poll,
            save: () => this.#save(),
            drained: () => this.#woken?.(),
            clock,
            ids,
            report,
          },
          lane,
          signal,
        ),
    );
    signal.addEventListener('abort', () => this.#woken?.(), { once: true });
  }

  /** Resolves once it is stopped, or all of the shard has been seen through: true. */
  async run(): Promise<boolean> {
    const { tableStreams, stream, shard, signal, poll, save, clock } = this.#parts;
    const watch = tableStreams.streams.watchRecords(stream, (of) => {
      if (of !== undefined && of !== shard.id) return;
      this.#mayHaveMore = true;
      this.#woken?.();
    });
    let isOver = false;
    while (!isOver && !signal.aborted) {
      if (this.#mayHaveMore && this.#bytes < bufferBytesMax) {
        const waitMs = this.#readMs + readEveryMs - clock.monotonicMs();
        if (waitMs > 0) await delay(clock, waitMs, signal);
        this.#readMs = clock.monotonicMs();
        await retried(this.#parts, poll, signal, async () => {
          isOver = await this.#next();
        });
      } else await this.#sleep();
    }
    watch.stop();
    if (isOver) for (const lane of this.#lanes) lane.end();
    await Promise.all(this.#lanes.map(({ ended }) => ended));
    await this.#saving?.catch(() => undefined);
    if (!isOver || signal.aborted) return false;
    await retried(this.#parts, poll, signal, () => save({ lanes: [], isOver: true }));
    return !signal.aborted;
  }

  get #bytes(): number {
    return this.#lanes.reduce((bytes, lane) => bytes + lane.bytes, 0);
  }

  /** Reads a page, and answers whether it was the last. */
  async #next(): Promise<boolean> {
    const { tableStreams, shard, poll, report } = this.#parts;
    this.#mayHaveMore = false;
    let page;
    try {
      const stream = this.#current();
      await this.#unlock(stream);
      page = await tableStreams.read(stream, shard, {
        after: this.#read,
        limit: streamLimits.recordsMax,
        bytesMax: streamLimits.bytesMax,
      });
    } catch (cause) {
      this.#mayHaveMore = true;
      throw cause;
    }
    const { records, unreadable, after, isOver } = page;
    if (unreadable.length > 0) report(`${poll.name}: what cannot be read is passed over`, unreadable.join(', '));
    this.#read = after;
    for (const record of records) this.#give(record);
    if (records.length + unreadable.length > 0) this.#mayHaveMore = true;
    this.#unsaved += records.length;
    if (this.#unsaved >= unsavedMax) await this.#save();
    return isOver;
  }

  /** The key of a table may be sealed otherwise than when this began. */
  #current(): Stream {
    const { tableStreams, stream } = this.#parts;
    return tableStreams.streams.get(stream.account, stream.table, stream.label) ?? stream;
  }

  async #unlock({ cipherKey }: Stream): Promise<void> {
    const { clock, poll } = this.#parts;
    if (cipherKey.kind !== 'kms' || clock.monotonicMs() - this.#unlockedMs < keyKeptMs) return;
    await poll.keys.open(cipherKey.ciphertext, cipherKey.context);
    this.#unlockedMs = clock.monotonicMs();
  }

  #give(record: TableRecord): void {
    const { poll } = this.#parts;
    const lane = this.#lanes[record.itemHash % this.#lanes.length];
    if (lane === undefined || !lane.isNew(record)) return;
    const event = poll.eventOf(record);
    if (poll.wants !== undefined && !poll.wants(event)) return;
    const { sequence, timeMs, change } = record;
    const item: StreamItem = {
      sequence,
      timeMs,
      event,
      bytes: Buffer.byteLength(JSON.stringify(event)),
      cause: change.cause,
    };
    lane.offer(item);
  }

  /** What is to be saved while something is being saved goes together afterwards. */
  async #save(): Promise<void> {
    this.#isSaveDue = true;
    while (this.#isSaveDue) {
      if (this.#saving !== undefined) await this.#saving.catch(() => undefined);
      else {
        this.#isSaveDue = false;
        this.#unsaved = 0;
        const lanes = this.#lanes.map((lane) => lane.position(this.#read));
        this.#saving = this.#parts.save({ lanes }).finally(() => (this.#saving = undefined));
        await this.#saving;
      }
    }
    await this.#saving;
  }

  #sleep(): Promise<void> {
    if (this.#parts.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#woken = () => {
        this.#woken = undefined;
        resolve();
      };
    });
  }
}

/** Until it succeeds, or is stopped. */
async function retried(
  { clock, ids, report }: Pick<StreamPollParts, 'clock' | 'ids' | 'report'>,
  { name }: Pick<StreamPoll, 'name'>,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      return await work();
    } catch (cause) {
      if (!signal.aborted) report(`${name} could not be read; trying again`, cause);
      await delay(clock, backOffMs(failures, randomFraction(ids), retryBounds), signal);
    }
  }
}
