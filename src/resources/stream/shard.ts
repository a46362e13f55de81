/**
 * A stream's shards. Each has a share of the keys, and its records in order; after some hours it is closed and its child
 * goes on with the same share, so that what is old can be let go of as a whole. Who reads a parent to its end before its
 * child sees each key's records in order. Pure.
 */
import { hash } from 'node:crypto';
import type { AccountId } from '../../util/ids.ts';
import type { StoredTableKey } from '../table/table-cipher.ts';
import type { StreamView, TableKey } from '../table/table.ts';

export type Shard = {
  id: string;
  /** The shard of which it goes on. Absent: the stream began with it, or its parent has been let go of. */
  parent?: string;
  /** Its share: keys whose hash leaves this when it is divided by the number of shards. */
  share: number;
  firstSequence: string;
  /** No record after this one. Absent: it is open. */
  lastSequence?: string;
};

export type Stream = {
  account: AccountId;
  /** What it is the stream of: a table. */
  table: string;
  /** Tells streams of one table apart: when it was made, `2026-11-22T00:16:24.123`. */
  label: string;
  /** What a record shows of an item. */
  view: StreamView;
  key: TableKey;
  /** What its records are sealed with: the table may be gone before them. */
  tableId: string;
  cipherKey: StoredTableKey;
  createdMs: number;
  /** Since when nothing more is written into it. */
  closedMs?: number;
  /** Shares of keys, and open shards. */
  shareCount: number;
  /** Oldest first. */
  shards: readonly Shard[];
};

export const streamLimits = {
  /** Records are kept so long. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html#Streams.DataRetention */
  keptMs: 24 * 3_600_000,
  /** A shard is open for so long, about as in DynamoDB. */
  shardMs: 4 * 3_600_000,
  /** Of an account, with those that are closed and not yet let go of: one of each table, and as many before them. Each is some 2 KB in memory. */
  streamsMax: 5_000,
  /** Of one answer. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html */
  recordsMax: 1_000,
  bytesMax: 1024 * 1024,
} as const;

/** The same for the same text, evenly over 32 bits. */
export const hashOf = (text: string): number => Number.parseInt(hash('md5', text, 'hex').slice(0, 8), 16);

/** The same for the same stream, share and beginning. `shardId-` and 29 characters, as in DynamoDB. */
export function shardId(
  stream: Pick<Stream, 'account' | 'table' | 'label'>,
  share: number,
  firstSequence: string,
): string {
  const { account, table, label } = stream;
  const tail = hash('md5', JSON.stringify([account, table, label, share, firstSequence]), 'hex').slice(0, 8);
  return `shardId-${firstSequence.slice(1, 15).padStart(20, '0')}-${tail}`;
}

export const openShards = ({ shards }: Pick<Stream, 'shards'>): readonly Shard[] =>
  shards.filter(({ lastSequence }) => lastSequence === undefined);

/** Its open shards closed after `lastSequence`. */
export const withClosedShards = (stream: Stream, lastSequence: string): Stream => ({
  ...stream,
  shards: stream.shards.map((shard) => (shard.lastSequence === undefined ? { ...shard, lastSequence } : shard)),
});

/** A child for each open shard, which is closed. `firstSequence` comes after `lastSequence`. */
export function rolled(stream: Stream, lastSequence: string, firstSequence: string): Stream {
  const children = openShards(stream).map(({ id, share }) => ({
    id: shardId(stream, share, firstSequence),
    parent: id,
    share,
    firstSequence,
  }));
  const closed = withClosedShards(stream, lastSequence);
  return { ...closed, shards: [...closed.shards, ...children] };
}

/** Without the shards whose records are all older than `horizon`. */
export function trimmed(stream: Stream, horizon: string): Stream {
  const isGone = ({ lastSequence }: Shard): boolean => lastSequence !== undefined && lastSequence < horizon;
  if (!stream.shards.some(isGone)) return stream;
  const gone = new Set(stream.shards.filter(isGone).map(({ id }) => id));
  const shards = stream.shards
    .filter(({ id }) => !gone.has(id))
    .map(({ parent, ...shard }) => (parent === undefined || gone.has(parent) ? shard : { ...shard, parent }));
  return { ...stream, shards };
}

/** The same for the same record, whoever reads it. */
export const recordId = (
  { account, table, label }: Pick<Stream, 'account' | 'table' | 'label'>,
  sequence: string,
): string => hash('md5', JSON.stringify([account, table, label, sequence]), 'hex');
