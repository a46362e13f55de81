/**
 * Between tables and their streams: what has changed of an item becomes a record, sealed as the table's items are, and is
 * opened again for who reads it.
 */
import type { Cause } from '../../util/cause.ts';
import type { Item } from '../table/attribute-value.ts';
import type { StoredTableKey, TableCipher } from '../table/table-cipher.ts';
import type { StreamView, Table } from '../table/table.ts';
import type { Shard, Stream } from './shard.ts';
import type { Pending, ReadRecords, StreamRecord, Streams } from './streams.ts';
import { changeOf, changeText, type TableChange } from './table-change.ts';

/** One item, as a table's write tells of it. */
export type ItemChanged = {
  table: Table;
  key: Item;
  /** The value of the partition key, and of the whole key, as text. */
  partition: string;
  item: string;
  before?: Item;
  after?: Item;
  cause: Cause;
  byExpiry: boolean;
  cipher: TableCipher;
};

export type TableRecord = Omit<StreamRecord, 'body'> & { change: TableChange };

/** Of a table's key that was stored; rejects when it cannot be opened. */
export type OpenCiphers = { of(tableId: string, key: StoredTableKey): Promise<TableCipher> };

/**
 * Open shards of a stream: as many as a new table has partitions, those that are paid for by request being spread from the
 * beginning. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.Partitions.html
 */
const shareCounts = { 'on demand': 4, provisioned: 1 } as const;

export class TableStreams {
  readonly streams: Streams;
  readonly #ciphers: OpenCiphers;

  constructor(parts: { streams: Streams; ciphers: OpenCiphers }) {
    this.streams = parts.streams;
    this.#ciphers = parts.ciphers;
  }

  /** A stream for a table that has none which is on. */
  start(table: Table, view: StreamView): Pending & { label: string } {
    const { account, name, key, billing, id, cipherKey } = table;
    const { stream, ...pending } = this.streams.start({
      account,
      table: name,
      view,
      key,
      tableId: id,
      cipherKey,
      shareCount: shareCounts[billing.mode],
    });
    return { ...pending, label: stream.label };
  }

  /** Undefined: none is on. */
  stop({ account, name, stream }: Table): Pending | undefined {
    return stream === undefined ? undefined : this.streams.stop(account, name, stream.label);
  }

  /** Undefined: nobody is to be told. As `Streams.append` it goes before the transaction in one turn of the event loop. */
  changed({ table, partition, item, cipher, ...change }: ItemChanged): Pending | undefined {
    const { account, name, stream } = table;
    if (stream === undefined || !stream.isOn) return undefined;
    const text = changeText(change, stream.view);
    if (text === undefined) return undefined;
    const id = { account, table: name, label: stream.label };
    return this.streams.append(id, {
      partition,
      item,
      body: (sequence) => cipher.seal(text, purposeOf(id, sequence)),
    });
  }

  async read(
    stream: Stream,
    shard: Pick<Shard, 'id'>,
    range: { after: string; limit: number; bytesMax: number },
  ): Promise<Omit<ReadRecords, 'records'> & { records: readonly TableRecord[] }> {
    const { records, ...read } = await this.streams.read(stream, shard, range);
    if (records.length === 0) return { ...read, records: [] };
    const cipher = await this.#ciphers.of(stream.tableId, stream.cipherKey);
    return {
      ...read,
      records: records.map(({ body, ...record }) => ({
        ...record,
        change: changeOf(cipher.open(body, purposeOf(stream, record.sequence))),
      })),
    };
  }
}

const purposeOf = ({ account, table, label }: Pick<Stream, 'account' | 'table' | 'label'>, sequence: string): string =>
  `stream/${account}/${table}/${label}/${sequence}`;
