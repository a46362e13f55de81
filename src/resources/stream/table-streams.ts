/**
 * Between tables and their streams: what has changed of an item becomes a record, sealed as the table's items are, and is
 * opened again for who reads it.
 */
import { attributesOf, type Table } from '../table/table.ts';
import type { PendingChange, TableChange, TableChanges } from '../table/table-changes.ts';
import type { StoredTableKey, TableCipher } from '../table/table-cipher.ts';
import { keyText, type KeyValue } from '../table/key-text.ts';
import type { Shard, Stream } from './shard.ts';
import type { ReadRecords, StreamRecord, Streams } from './streams.ts';
import { changeOf, changeText, type ChangedItem } from './changed-item.ts';

export type TableRecord = Omit<StreamRecord, 'body'> & { change: ChangedItem };

export type ReadTableRecords = Omit<ReadRecords, 'records'> & {
  records: readonly TableRecord[];
  /** Sequence numbers of what is not as it was written. */
  unreadable: readonly string[];
};

/** Of a table's key that was stored; rejects when it cannot be opened. */
export type OpenCiphers = { of(tableId: string, key: StoredTableKey): Promise<TableCipher> };

/**
 * Open shards of a stream: as many as a new table has partitions, those that are paid for by request being spread from the
 * beginning. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.Partitions.html
 */
const shareCounts = { 'on demand': 4, provisioned: 1 } as const;

export class TableStreams implements TableChanges {
  readonly streams: Streams;
  readonly #ciphers: OpenCiphers;

  constructor(parts: { streams: Streams; ciphers: OpenCiphers }) {
    this.streams = parts.streams;
    this.#ciphers = parts.ciphers;
  }

  start({ account, name, key, billing, id, cipherKey, stream }: Table, label: string): PendingChange | undefined {
    if (stream === undefined) return undefined;
    return this.streams.start({
      account,
      table: name,
      label,
      view: stream.view,
      key,
      tableId: id,
      cipherKey,
      shareCount: shareCounts[billing.mode],
    });
  }

  stop({ account, name, stream }: Table): PendingChange | undefined {
    return stream === undefined ? undefined : this.streams.stop(account, name, stream.label);
  }

  rekeyed({ account, id, cipherKey }: Table): PendingChange | undefined {
    return this.streams.rekey(account, id, cipherKey);
  }

  changed({ table, partition, cipher, ...change }: TableChange): PendingChange | undefined {
    const { account, name, stream } = table;
    if (stream === undefined) return undefined;
    const text = changeText(change, stream.view);
    if (text === undefined) return undefined;
    const id = { account, table: name, label: stream.label };
    return this.streams.append(id, {
      partition,
      item: itemText(table, change),
      body: (sequence) => cipher.seal(text, purposeOf(id, sequence)),
    });
  }

  /** What is sealed as the records of a stream are. Rejects where the table's key cannot be used. */
  readonly cipherOf = ({ account, table, label, tableId, cipherKey }: Stream): Promise<TableCipher> =>
    // As its key is sealed now, whenever the caller came to know of the stream.
    this.#ciphers.of(tableId, this.streams.get(account, table, label)?.cipherKey ?? cipherKey);

  /** Rejects where the table's key cannot be used. */
  async read(
    stream: Stream,
    shard: Pick<Shard, 'id'>,
    range: { after: string; limit: number; bytesMax: number },
  ): Promise<ReadTableRecords> {
    const { records: sealed, ...read } = await this.streams.read(stream, shard, range);
    const records: TableRecord[] = [];
    const unreadable: string[] = [];
    if (sealed.length === 0) return { ...read, records, unreadable };
    const cipher = await this.cipherOf(stream);
    for (const { body, ...record } of sealed) {
      try {
        records.push({ ...record, change: changeOf(cipher.open(body, purposeOf(stream, record.sequence))) });
      } catch {
        unreadable.push(record.sequence);
      }
    }
    return { ...read, records, unreadable };
  }
}

const itemText = (table: Table, { key }: Pick<TableChange, 'key'>): string =>
  attributesOf(table.key)
    .map(({ name }) => keyText(key[name] as KeyValue))
    .join(' ');

const purposeOf = ({ account, table, label }: Pick<Stream, 'account' | 'table' | 'label'>, sequence: string): string =>
  `stream/${account}/${table}/${label}/${sequence}`;
