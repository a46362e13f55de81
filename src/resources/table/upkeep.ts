/**
 * What tables need of themselves, and survives a crash: new indexes are filled with the items that there are, entries of
 * deleted ones and items of deleted tables are removed, and items whose time is over are deleted.
 *
 * Filling goes through the items in the order of their keys, some at a time with the items held; how far it has come is in
 * each commit. Whoever writes an item meanwhile writes its entries too, so an entry that is there already is left.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { scan, type Operation, type Records } from '../../store/records.ts';
import type { Clock } from '../../util/clock.ts';
import { messageOf } from '../../util/errors.ts';
import type { Ids } from '../../util/ids.ts';
import { createInTurn, type InTurn } from '../../util/in-turn.ts';
import { Trouble } from '../../util/trouble.ts';
import { deleteExpired } from './expired-items.ts';
import { decodeItem } from './item-codec.ts';
import { entryOf, expiryPut, sealedPut } from './item-entries.ts';
import { expiryIndex, expiryPlace, indexPrefix, itemPrefix } from './item-places.ts';
import type { TableCipher } from './table-cipher.ts';
import type { TableCiphers } from './table-ciphers.ts';
import type { TableItems } from './table-items.ts';
import type { Table } from './table.ts';
import type { Difference, Tallies } from './tallies.ts';

export type TableUpkeepParts = {
  records: Records;
  clock: Clock;
  ids: Ids;
  ciphers: TableCiphers;
  tallies: Tallies;
  items: TableItems;
  current: (tableId: string) => Table | undefined;
  all: () => Iterable<Table>;
  /** Changes what is kept of a table; one that is gone meanwhile stays gone. */
  settle: (tableId: string, settled: (table: Table) => Table) => Promise<void>;
  report: (message: string, cause: unknown) => void;
};

/** `<table's id>`: all of it is to be removed; `<table's id>/<index's id>`: that index. */
export const gonePrefix = 'table-gone/';
/** How far an index is filled. */
export const fillingPrefix = 'table-filling/';
/** `filling`: of which index, or which time to live, as there may be another by the time that it is read. */
type FillingProgress = { after: string; filling: string | undefined };
/** Items that are held, and committed, at once. */
const batchRows = 100;
/** How often items whose time is over are looked for; AWS promises a few days. */
const sweepEveryMs = 10_000;
/** What could not be done is tried again after this. */
const retryMs = 5_000;

export class TableUpkeep implements AsyncDisposable {
  readonly #parts: TableUpkeepParts;
  readonly #looks: Trouble;
  readonly #sweeps: Trouble;
  readonly #inTurn: InTurn = createInTurn();
  readonly #running = new Set<Promise<void>>();
  #isClosed = false;

  constructor(parts: TableUpkeepParts) {
    this.#parts = parts;
    const say = (message: string): void => parts.report('tables', message);
    this.#looks = new Trouble(say);
    this.#sweeps = new Trouble(say);
  }

  /** Goes on with what was begun before. */
  async start(): Promise<void> {
    const ids = new Set<string>();
    for await (const { key } of scan(this.#parts.records, gonePrefix))
      ids.add(key.slice(gonePrefix.length).split('/', 1).join(''));
    for (const table of this.#parts.all())
      if (table.expiry?.isFilled === false || table.indexes.some(({ state }) => state !== 'active')) ids.add(table.id);
    for (const id of ids) void this.look(id);
    this.#sweepLater();
  }

  /** Does what the table needs; who asks again meanwhile has it looked at again. Never rejects. */
  look(tableId: string): Promise<void> {
    const looked = this.#inTurn(tableId, () => this.#look(tableId));
    const work = looked.then(
      () => this.#looks.over('the upkeep of tables goes on'),
      (error: unknown) => this.#lookLater(tableId, error),
    );
    return this.#track(work);
  }

  #lookLater(tableId: string, error: unknown): void {
    if (this.#isClosed) return;
    this.#looks.met(`the upkeep of table ${tableId} waits: ${messageOf(error)}`);
    this.#parts.clock.schedule(retryMs, () => {
      if (!this.#isClosed) void this.look(tableId);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#running);
  }

  #track(work: Promise<void>): Promise<void> {
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
    return tracked;
  }

  async #look(tableId: string): Promise<void> {
    for (;;) {
      const before = this.#parts.current(tableId);
      // Before anything is filled: what is to be removed of the time to live before lies where entries of this one go.
      for await (const { key } of scan(this.#parts.records, gonePrefix + tableId))
        await this.#remove(itemPrefix + key.slice(gonePrefix.length) + '/', key);
      const table = this.#parts.current(tableId);
      // Turned off and on meanwhile: what that left may not have been seen yet.
      if (table?.expiry?.id !== before?.expiry?.id) continue;
      const index = table?.indexes.find(({ state }) => state !== 'active');
      if (table === undefined || this.#isClosed) return;
      if (index?.state === 'deleting') await this.#removeIndex(table, index.id);
      else if (index !== undefined) await this.#fill(table, index.id);
      else if (table.expiry?.isFilled === false) await this.#fill(table, expiryIndex);
      else return;
    }
  }

  async #removeIndex(table: Table, indexId: string): Promise<void> {
    await this.#remove(indexPrefix(table.id, indexId), fillingPrefix + `${table.id}/${indexId}`);
    if (this.#isClosed) return;
    await this.#parts.records.transact(this.#parts.tallies.dropIndex(table.id, indexId));
    await this.#parts.settle(table.id, (now) => ({
      ...now,
      indexes: now.indexes.filter(({ id }) => id !== indexId),
    }));
  }

  /** Everything under `prefix`, and `note` with the last of it. */
  async #remove(prefix: string, note: string): Promise<void> {
    const { records } = this.#parts;
    for (;;) {
      if (this.#isClosed) return;
      const entries = await records.range({ prefix, limit: batchRows });
      const operations: Operation[] = entries.map(({ key }) => ({ kind: 'delete', key }));
      if (entries.length < batchRows) operations.push({ kind: 'delete', key: note });
      await records.transact(operations);
      if (entries.length < batchRows) return;
      await nextTurn();
    }
  }

  async #fill(table: Table, indexId: string): Promise<void> {
    const { records, ciphers } = this.#parts;
    const cipher = await ciphers.of(table.id, table.cipherKey);
    const progressKey = `${fillingPrefix}${table.id}/${indexId}`;
    // Time to live may have been turned off and on again, for another attribute too: each time is another filling.
    const filling = indexId === expiryIndex ? table.expiry?.id : indexId;
    const begun = (await records.get(progressKey))?.value as FillingProgress | undefined;
    let after = begun?.filling === filling && begun !== undefined ? begun.after : indexPrefix(table.id);
    // Deleted meanwhile: what is to be removed of it has been.
    if (this.#parts.current(table.id) === undefined) return;
    // Whatever was written by those who did not know the index yet is on disk before this is.
    await records.transact([{ kind: 'put', key: progressKey, value: { after, filling } satisfies FillingProgress }]);
    for (;;) {
      const entries = await records.range({ prefix: indexPrefix(table.id), after, limit: batchRows });
      const last = entries.at(-1)?.key;
      if (this.#isClosed) return;
      if (last === undefined) break;
      const isDone = await this.#parts.items.holding(
        entries.map(({ key }) => ({ account: table.account, place: key })),
        () =>
          this.#fillSome(
            table.id,
            indexId,
            cipher,
            entries.map(({ key }) => key),
            { key: progressKey, value: { after: last, filling } },
          ),
      );
      if (!isDone) return;
      after = last;
      await nextTurn();
    }
    // Before it counts as filled: another filling of the same begins anew.
    await records.transact([{ kind: 'delete', key: progressKey }]);
    await this.#parts.settle(table.id, (now) => ({
      ...now,
      indexes: now.indexes.map((index) =>
        index.id === indexId && index.state === 'filling' ? { ...index, state: 'active' } : index,
      ),
      ...(indexId === expiryIndex &&
        now.expiry?.id === filling &&
        now.expiry !== undefined && { expiry: { ...now.expiry, isFilled: true } }),
    }));
  }

  /** False: it is not wanted any more. */
  async #fillSome(
    tableId: string,
    indexId: string,
    cipher: TableCipher,
    places: readonly string[],
    progress: { key: string; value: FillingProgress },
  ): Promise<boolean> {
    const { records, tallies } = this.#parts;
    const items = await Promise.all(places.map(async (place) => ({ place, entry: await records.get(place) })));
    const table = this.#parts.current(tableId);
    const index = table?.indexes.find(({ id, state }) => id === indexId && state === 'filling');
    const isWanted = indexId === expiryIndex ? table?.expiry?.id === progress.value.filling : index !== undefined;
    if (table === undefined || !isWanted) return false;
    const operations: Operation[] = [{ kind: 'put', key: progress.key, value: progress.value }];
    const differences: Difference[] = [];
    for (const { place, entry } of items) {
      // Deleted since it was listed.
      if (entry === undefined) continue;
      const item = decodeItem(cipher.open(entry.value as string, place));
      if (index === undefined) {
        const end = table.expiry && expiryPlace(table, cipher, table.expiry.attribute, item);
        if (end !== undefined) operations.push(expiryPut(table, cipher, end, item));
        continue;
      }
      const made = entryOf(table, cipher, index, item);
      if (made === undefined || (await records.get(made.place)) !== undefined) continue;
      operations.push(sealedPut(cipher, made.place, made.item));
      differences.push({ index: index.id, items: 1, bytes: made.bytes });
    }
    operations.push(...tallies.add(tableId, differences));
    try {
      await records.transact(operations);
    } catch (error) {
      tallies.revert(tableId, differences);
      throw error;
    }
    return true;
  }

  #sweepLater(): void {
    this.#parts.clock.schedule(sweepEveryMs, () => {
      if (this.#isClosed) return;
      void this.#track(this.#sweepAll()).then(() => this.#sweepLater());
    });
  }

  async #sweepAll(): Promise<void> {
    for (const table of this.#parts.all()) {
      if (table.expiry === undefined || this.#isClosed) continue;
      try {
        await deleteExpired(this.#parts, table, table.expiry.attribute, () => this.#isClosed);
        this.#sweeps.over('items of tables are deleted again when their time is over');
      } catch (error) {
        this.#sweeps.met(`items of table ${table.name} whose time is over stay there: ${messageOf(error)}`);
      }
    }
  }
}
