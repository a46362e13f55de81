/**
 * Streams of tables: what changed, in order, for whoever asks within a day.
 *
 * A record is written in the transaction of the change that it tells of, so that none is missing and none is there of
 * what did not happen. Numbers are given when a transaction is handed to the store, which commits in that order: a reader
 * that has seen one record will never be told later of one before it. A shard is shown as closed once the store has
 * said so, for then all that was handed to it before is committed or refused.
 *
 * Knows neither items nor what they are sealed with: bodies are text. Next: changed-item.ts (what a record says).
 */
import { scan, type Entry, type Operation, type Records } from '../../store/records.ts';
import type { Clock, Timer } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import {
  hashOf,
  openShards,
  rolled,
  shardId,
  streamLimits,
  trimmed,
  withClosedShards,
  type Shard,
  type Stream,
} from './shard.ts';
import type { StoredTableKey } from '../table/table-cipher.ts';
import { nextSequence, sequenceAt, sequenceBefore, timeOfSequence } from './sequence.ts';

/** Goes into a transaction; `committed` is called once it has been committed, and only then; `refused` where it could not be. */
export type Pending = { operations: readonly Operation[]; committed(): void; refused?(): void };

export type NewRecord = {
  /** Records of one shard go by this: those of the same come in order. */
  partition: string;
  /** What may be told apart within a shard by who reads it with several hands. */
  item: string;
  /** Pure: called once. */
  body: (sequence: string) => string;
};

export type StreamRecord = {
  sequence: string;
  timeMs: number;
  /** Of its item: the same for the same. */
  itemHash: number;
  body: string;
};

export type ReadRecords = {
  records: readonly StreamRecord[];
  /** Read after this next. */
  after: string;
  /** The shard is closed, and this was the last of it. */
  isOver: boolean;
};

export type StreamsParts = {
  records: Records;
  clock: Clock;
  /** Of an account. */
  streamsMax?: number;
  report: (message: string, cause: unknown) => void;
};

/** `shard`: the one that there is more in; absent: shards have changed. */
type RecordWatcher = (shard?: string) => void;

type StreamId = Pick<Stream, 'account' | 'table' | 'label'>;

/** `known`: what the store is known to have; `next`: what appends go by, which may be on its way there. */
type Held = {
  known: Stream;
  next: Stream;
  /** Its end is on its way to the store: nothing else is to be written of it. */
  isStopping: boolean;
  lastSequence: string;
  watchers: Set<RecordWatcher>;
};

type Kept = { hash: number; body: string };

const streamPrefix = 'stream/';
const recordPrefix = 'stream-record/';
const pathOf = ({ account, table, label }: StreamId): string => `${account}/${table}/${label}`;
const streamKey = (stream: StreamId): string => `${streamPrefix}${pathOf(stream)}`;
const shardPrefix = (stream: StreamId, id: string): string => `${recordPrefix}${pathOf(stream)}/${id}/`;

/** Between two looks for what is too old. */
const sweepMs = 60_000;
/** Deleted in one transaction, and read before that: records may be as large as two items. */
const trimMax = 100;
/** Read first of a page, whose records may be as large as two items: how many more follows from their size. */
const firstReadMax = 16;

export class Streams implements AsyncDisposable {
  readonly #parts: StreamsParts;
  readonly #streams = new Map<AccountId, Map<string, Held>>();
  readonly #watchers = new Set<() => void>();
  readonly #goneWatchers = new Set<(stream: Stream) => void>();
  #sweeping: Promise<void> | undefined;
  #timer: Timer | undefined;
  #closed = false;

  private constructor(parts: StreamsParts) {
    this.#parts = parts;
  }

  static async open(parts: StreamsParts): Promise<Streams> {
    const streams = new Streams(parts);
    for await (const { value } of scan(parts.records, streamPrefix)) await streams.#restore(value as Stream);
    streams.#sweepLater();
    return streams;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#sweeping;
  }

  get(account: AccountId, table: string, label: string): Stream | undefined {
    return this.#held({ account, table, label })?.known;
  }

  /** By table, the oldest first. */
  list(account: AccountId): readonly Stream[] {
    return [...(this.#streams.get(account) ?? [])]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { known }]) => known);
  }

  /** The one that a table's changes are written to. */
  ofTable(account: AccountId, table: string): Stream | undefined {
    return this.list(account).findLast((stream) => stream.table === table && stream.closedMs === undefined);
  }

  /** Of every account. */
  all(): readonly Stream[] {
    return [...this.#everyHeld()].map(({ known }) => known);
  }

  /** There once its operations are committed. `label`: never the same twice for a table. Errors: LimitExceededException. */
  start(given: Omit<Stream, 'createdMs' | 'closedMs' | 'shards'>): Pending {
    const { streamsMax = streamLimits.streamsMax } = this.#parts;
    if ((this.#streams.get(given.account)?.size ?? 0) >= streamsMax)
      throw new PlatformError(
        'throttled',
        `Subscriber limit exceeded: There is a limit of ${streamsMax} streams per account and region, with those that were turned off within the last 24 hours.`,
        { reason: 'LimitExceededException' },
      );
    const createdMs = Math.floor(this.#parts.clock.now());
    const firstSequence = sequenceAt(createdMs);
    const shards = Array.from({ length: given.shareCount }, (_, share) => ({
      id: shardId(given, share, firstSequence),
      share,
      firstSequence,
    }));
    const stream: Stream = { ...given, createdMs, shards };
    return {
      operations: [{ kind: 'put', key: streamKey(stream), value: stream }],
      committed: () => {
        this.#hold(stream, sequenceBefore(firstSequence));
        this.#tell();
      },
    };
  }

  /** Nothing is written to it afterwards; what is in it can be read for as long as anything. Undefined: there is no such, or it has been stopped. */
  stop(account: AccountId, table: string, label: string): Pending | undefined {
    const held = this.#held({ account, table, label });
    if (held === undefined || held.next.closedMs !== undefined) return undefined;
    const closedMs = this.#parts.clock.now();
    const lastSequence = nextSequence(held.lastSequence, closedMs);
    held.lastSequence = lastSequence;
    held.isStopping = true;
    const stopped = { ...withClosedShards(held.next, lastSequence), closedMs };
    return {
      operations: [{ kind: 'put', key: streamKey(stopped), value: stopped }],
      committed: () => {
        held.isStopping = false;
        held.next = stopped;
        this.#publish(held, stopped);
      },
      refused: () => void (held.isStopping = false),
    };
  }

  /** The key of a table's records is itself sealed otherwise now. Undefined: the table has no streams. */
  rekey(account: AccountId, tableId: string, cipherKey: StoredTableKey): Pending | undefined {
    const changed = [...(this.#streams.get(account)?.values() ?? [])]
      .filter(({ next }) => next.tableId === tableId)
      .map((held) => ({ held, before: held.next.cipherKey, next: { ...held.next, cipherKey } }));
    if (changed.length === 0) return undefined;
    // What is written of them meanwhile has it already.
    for (const { held, next } of changed) held.next = next;
    return {
      operations: changed.map(({ next }) => ({ kind: 'put', key: streamKey(next), value: next })),
      committed: () => {
        for (const { held, next } of changed) held.known = held.next === next ? next : { ...held.known, cipherKey };
        this.#tell();
      },
      refused: () => {
        for (const { held, before } of changed) held.next = { ...held.next, cipherKey: before };
      },
    };
  }

  /**
   * Call it, and hand the transaction to the store, in one turn of the event loop: its number is given now. Undefined:
   * there is no such stream, or it has been stopped.
   */
  append({ account, table, label }: StreamId, { partition, item, body }: NewRecord): Pending | undefined {
    const held = this.#held({ account, table, label });
    if (held === undefined) return undefined;
    const { next } = held;
    const share = hashOf(partition) % next.shareCount;
    const shard = next.shards.findLast((one) => one.share === share && one.lastSequence === undefined);
    if (shard === undefined) return undefined;
    const sequence = nextSequence(held.lastSequence, this.#parts.clock.now());
    held.lastSequence = sequence;
    const value: Kept = { hash: hashOf(item), body: body(sequence) };
    const put: Operation = { kind: 'put', key: `${shardPrefix(next, shard.id)}${sequence}`, value };
    // A shard that the store may not know of yet goes along: without it the record would not be found again.
    const isNew = held.known !== next;
    return {
      operations: isNew ? [put, { kind: 'put', key: streamKey(next), value: next }] : [put],
      committed: () => {
        if (isNew) this.#publish(held, next);
        for (const ready of held.watchers) ready(shard.id);
      },
    };
  }

  /** The number that the next record comes after. */
  latest({ account, table, label }: StreamId): string | undefined {
    return this.#held({ account, table, label })?.lastSequence;
  }

  /** Records before this are no longer given out. */
  horizon(): string {
    return sequenceAt(Math.max(0, Math.floor(this.#parts.clock.now() - streamLimits.keptMs)));
  }

  /** Of one shard, in order; at least one, however large, if there is any. */
  async read(
    stream: StreamId,
    shard: Pick<Shard, 'id'>,
    { after, limit, bytesMax }: { after: string; limit: number; bytesMax: number },
  ): Promise<ReadRecords> {
    const prefix = shardPrefix(stream, shard.id);
    // Looked at before it is read: what is closed by now has all its records.
    const closed = this.get(stream.account, stream.table, stream.label)?.shards.find(({ id }) => id === shard.id);
    const isClosed = closed === undefined || closed.lastSequence !== undefined;
    const horizon = this.horizon();
    const records: StreamRecord[] = [];
    let bytes = 0;
    let at = after < horizon ? sequenceBefore(horizon) : after;
    for (;;) {
      const mean = records.length === 0 ? bytesMax / firstReadMax : bytes / records.length;
      const fitting = Math.max(1, Math.floor((bytesMax - bytes) / mean));
      const asked = Math.min(limit - records.length, fitting, streamLimits.recordsMax);
      const entries = await this.#parts.records.range({ prefix, after: `${prefix}${at}`, limit: asked });
      for (const entry of entries) {
        const record = recordOf(entry, prefix);
        if (records.length > 0 && bytes + record.body.length > bytesMax) return { records, after: at, isOver: false };
        bytes += record.body.length;
        records.push(record);
        at = record.sequence;
      }
      if (entries.length < asked) return { records, after: at, isOver: isClosed };
      if (records.length >= limit || bytes >= bytesMax) return { records, after: at, isOver: false };
    }
  }

  /** Calls back when a stream has come, gone, or got other shards. */
  watch(changed: () => void): { stop(): void } {
    this.#watchers.add(changed);
    return { stop: () => void this.#watchers.delete(changed) };
  }

  /** Calls back with each stream that has been let go of: nothing is in it any more. */
  watchGone(gone: (stream: Stream) => void): { stop(): void } {
    this.#goneWatchers.add(gone);
    return { stop: () => void this.#goneWatchers.delete(gone) };
  }

  /** Calls back when there may be more to read of a stream. */
  watchRecords({ account, table, label }: StreamId, ready: RecordWatcher): { stop(): void } {
    const watchers = this.#held({ account, table, label })?.watchers;
    watchers?.add(ready);
    return { stop: () => void watchers?.delete(ready) };
  }

  /** Rolls shards that have been open for long, and lets go of what is too old. Called by itself every minute. */
  async sweep(): Promise<void> {
    for (const held of this.#everyHeld()) {
      if (this.#closed) return;
      await this.#roll(held);
      await this.#trim(held);
    }
  }

  async #restore(stream: Stream): Promise<void> {
    let lastSequence = sequenceAt(stream.createdMs);
    for (const shard of stream.shards) {
      const prefix = shardPrefix(stream, shard.id);
      const [last] = await this.#parts.records.range({ prefix, limit: 1, reverse: true });
      const known = [shard.firstSequence, shard.lastSequence, last?.key.slice(prefix.length)];
      for (const one of known) if (one !== undefined && one > lastSequence) lastSequence = one;
    }
    this.#hold(stream, lastSequence);
  }

  #held(stream: StreamId): Held | undefined {
    return this.#streams.get(stream.account)?.get(pathOf(stream));
  }

  *#everyHeld(): Iterable<Held> {
    for (const streams of this.#streams.values()) yield* streams.values();
  }

  #hold(stream: Stream, lastSequence: string): void {
    const streams = this.#streams.get(stream.account) ?? new Map<string, Held>();
    this.#streams.set(stream.account, streams);
    streams.set(pathOf(stream), {
      known: stream,
      next: stream,
      isStopping: false,
      lastSequence,
      watchers: new Set(),
    });
  }

  async #roll(held: Held): Promise<void> {
    const nowMs = this.#parts.clock.now();
    const isDue = openShards(held.next).some(
      ({ firstSequence }) => nowMs - timeOfSequence(firstSequence) >= streamLimits.shardMs,
    );
    // What could not be written before is tried again.
    if (held.isStopping || (!isDue && held.known === held.next)) return;
    if (isDue) {
      const lastSequence = nextSequence(held.lastSequence, nowMs);
      held.lastSequence = nextSequence(lastSequence, nowMs);
      held.next = rolled(held.next, lastSequence, held.lastSequence);
    }
    await this.#save(held);
  }

  async #trim(held: Held): Promise<void> {
    const { records } = this.#parts;
    const horizon = this.horizon();
    for (const { id, firstSequence } of held.known.shards) {
      if (firstSequence >= horizon) continue;
      const prefix = shardPrefix(held.known, id);
      for (;;) {
        const entries = await records.range({ prefix, limit: trimMax });
        const old = entries.filter(({ key }) => key.slice(prefix.length) < horizon);
        if (old.length > 0) await records.transact(old.map(({ key }) => ({ kind: 'delete', key })));
        if (old.length < trimMax || this.#closed) break;
      }
    }
    if (held.isStopping || held.known !== held.next) return;
    held.next = trimmed(held.next, horizon);
    if (held.next.closedMs !== undefined && held.next.shards.length === 0) {
      await records.transact([{ kind: 'delete', key: streamKey(held.next) }]);
      this.#letGo(held.next);
      this.#tell();
    } else if (held.next !== held.known) await this.#save(held);
  }

  async #save(held: Held): Promise<void> {
    const { next } = held;
    await this.#parts.records.transact([{ kind: 'put', key: streamKey(next), value: next }]);
    this.#publish(held, next);
  }

  #letGo(stream: Stream): void {
    const streams = this.#streams.get(stream.account);
    streams?.delete(pathOf(stream));
    if (streams?.size === 0) this.#streams.delete(stream.account);
    for (const gone of this.#goneWatchers) gone(stream);
  }

  #publish(held: Held, known: Stream): void {
    // What has been overtaken is not told of: what overtook it will be.
    if (known === held.next) held.known = known;
    for (const ready of held.watchers) ready();
    this.#tell();
  }

  #tell(): void {
    for (const changed of this.#watchers) changed();
  }

  #sweepLater(): void {
    this.#timer = this.#parts.clock.schedule(sweepMs, () => {
      this.#sweeping = this.sweep()
        .catch((cause: unknown) => this.#parts.report('old records of streams could not be let go of', cause))
        .then(() => (this.#closed ? undefined : this.#sweepLater()));
    });
  }
}

function recordOf({ key, value }: Entry, prefix: string): StreamRecord {
  const sequence = key.slice(prefix.length);
  const { hash, body } = value as Kept;
  return { sequence, timeMs: timeOfSequence(sequence), itemHash: hash, body };
}
