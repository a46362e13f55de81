/** How far somebody has come in each shard of a stream: kept, so that a crash repeats no more than what was under way. */
import type { Stream } from '../resources/stream/shard.ts';
import type { TableStreams } from '../resources/stream/table-streams.ts';
import { scan, type Records } from '../store/records.ts';
import type { KeptWindow, LanePosition } from './stream-lane.ts';

/** `isOver`: the shard was closed, and all of it has been seen through. */
export type ShardPosition = { lanes: readonly LanePosition[]; isOver?: true };

/** What a function made of items, in a window's state, is sealed as they are. */
type Sealed = { lanes: readonly (Omit<LanePosition, 'window'> & { window?: SealedWindow })[]; isOver?: true };
/** `state`: of positions that were kept before states were sealed. */
type SealedWindow = Omit<KeptWindow, 'state'> & ({ sealedState: string } | { state: object });

const prefix = 'stream-position/';

/** Whose: `000000000000/hello/…`; the stream's label with it, since a table may have one after another. */
const prefixOf = (consumer: string, label: string): string => `${prefix}${consumer}/${label}/`;

export class StreamCheckpoints {
  readonly #records: Records;

  readonly #cipherOf: TableStreams['cipherOf'];

  constructor(records: Records, { cipherOf }: Pick<TableStreams, 'cipherOf'>) {
    this.#records = records;
    this.#cipherOf = cipherOf;
  }

  /** By shard. Rejects where there is a window's state and the table's key cannot be used, as `save` does. */
  async load(consumer: string, stream: Stream): Promise<Map<string, ShardPosition>> {
    const found = new Map<string, ShardPosition>();
    const own = prefixOf(consumer, stream.label);
    for await (const { key, value } of scan(this.#records, own))
      found.set(key.slice(own.length), await this.#opened(value as Sealed, stream, key));
    return found;
  }

  async save(consumer: string, stream: Stream, shard: string, position: ShardPosition): Promise<void> {
    const key = `${prefixOf(consumer, stream.label)}${shard}`;
    await this.#records.transact([{ kind: 'put', key, value: await this.#sealed(position, stream, key) }]);
  }

  async #sealed({ lanes, ...position }: ShardPosition, stream: Stream, key: string): Promise<Sealed> {
    if (lanes.every(({ window }) => window === undefined))
      return { ...position, lanes: lanes.map(({ after }) => ({ after })) };
    const cipher = await this.#cipherOf(stream);
    return {
      ...position,
      lanes: lanes.map(({ after, window }, at) => {
        if (window === undefined) return { after };
        const { state, ...open } = window;
        return { after, window: { ...open, sealedState: cipher.seal(JSON.stringify(state), purposeOf(key, at)) } };
      }),
    };
  }

  async #opened({ lanes, ...position }: Sealed, stream: Stream, key: string): Promise<ShardPosition> {
    if (lanes.every(({ window }) => window === undefined))
      return { ...position, lanes: lanes.map(({ after }) => ({ after })) };
    const cipher = await this.#cipherOf(stream);
    return {
      ...position,
      lanes: lanes.map(({ after, window }, at) => {
        if (window === undefined) return { after };
        if ('state' in window) return { after, window };
        const { sealedState, ...sealed } = window;
        const state = JSON.parse(cipher.open(sealedState, purposeOf(key, at))) as object;
        return { after, window: { ...sealed, state } };
      }),
    };
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

const purposeOf = (key: string, lane: number): string => `${key} ${lane}`;
