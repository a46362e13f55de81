/** How far somebody has come in each shard of a stream: kept, so that a crash repeats no more than what was under way. */
import { scan, type Records } from '../store/records.ts';
import type { LanePosition } from './stream-lane.ts';

/** `isOver`: the shard was closed, and all of it has been seen through. */
export type ShardPosition = { lanes: readonly LanePosition[]; isOver?: true };

const prefix = 'stream-position/';

/** Whose: `000000000000/hello/…`; the stream's label with it, since a table may have one after another. */
const prefixOf = (consumer: string, label: string): string => `${prefix}${consumer}/${label}/`;

export class StreamCheckpoints {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** By shard. */
  async load(consumer: string, label: string): Promise<Map<string, ShardPosition>> {
    const found = new Map<string, ShardPosition>();
    const own = prefixOf(consumer, label);
    for await (const { key, value } of scan(this.#records, own))
      found.set(key.slice(own.length), value as ShardPosition);
    return found;
  }

  async save(consumer: string, label: string, shard: string, position: ShardPosition): Promise<void> {
    await this.#records.transact([{ kind: 'put', key: `${prefixOf(consumer, label)}${shard}`, value: position }]);
  }

  async forget(consumer: string, label: string, shards: readonly string[]): Promise<void> {
    if (shards.length === 0) return;
    const own = prefixOf(consumer, label);
    await this.#records.transact(shards.map((shard) => ({ kind: 'delete', key: `${own}${shard}` })));
  }

  /** Of those consumers that are no more. */
  async forgetOthers(consumers: string, isThere: (consumer: string) => boolean): Promise<void> {
    const all = `${prefix}${consumers}`;
    const gone: string[] = [];
    for await (const { key } of scan(this.#records, all)) {
      const consumer = key.slice(prefix.length).split('/').slice(0, -2).join('/');
      if (!isThere(consumer)) gone.push(key);
    }
    const deletedMax = 1_000;
    for (let at = 0; at < gone.length; at += deletedMax)
      await this.#records.transact(gone.slice(at, at + deletedMax).map((key) => ({ kind: 'delete', key })));
  }
}
