/**
 * The items of all tables: read, written all or none, and gone through in the order of their keys. An item is changed by one
 * at a time; what changes it is a function of what it was. Its entries in indexes, what its stream keeps and the tally are in
 * the same commit. Every table that comes here has its cipher at hand (table-ciphers.ts).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Operation, Records } from '../../store/records.ts';
import { PlatformError } from '../../util/errors.ts';
import type { Item } from './attribute-value.ts';
import { writeUnits } from './capacity.ts';
import type { Decision, ItemChange, ItemRefused, ItemWritten, WriteOptions, Written } from './item-change.ts';
import { decodeItem } from './item-codec.ts';
import { entryChanges, unsurePlaces, type EntryChanges } from './item-entries.ts';
import { ItemCache } from './item-cache.ts';
import { createItemLocks, type HeldItem, type ItemLocks } from './item-locks.ts';
import type { ItemPage, PageRequest, QueryRequest, ScanRequest } from './item-page.ts';
import {
  entryPlace,
  indexPrefix,
  itemPlace,
  keyOf,
  partitionDigest,
  partitionPrefix,
  segmentBounds,
  sortBounds,
} from './item-places.ts';
import { itemSizeBytes } from './item-size.ts';
import type { PendingChange, TableChanges } from './table-changes.ts';
import type { TableCipher } from './table-cipher.ts';
import type { TableCiphers } from './table-ciphers.ts';
import { inaccessibleKey, noTable } from './table-errors.ts';
import { tableLimits, type Table, type TableIndex } from './table.ts';
import type { Difference, Tallies } from './tallies.ts';

export type TableItemsParts = {
  records: Records;
  ciphers: TableCiphers;
  tallies: Tallies;
  changes: TableChanges;
  /** The table as it is now; undefined: it is gone. */
  current: (tableId: string) => Table | undefined;
};

/** Where an item that is read by its key is, and what opens it. */
type Found = HeldItem & { cipher: TableCipher };
type Bounds = { prefix: string; from?: string; before?: string };

/** Of items that are opened, or decided of, in one turn: some ten milliseconds. */
const turnBytesMax = 256 * 1024;
/** Records of one turn: a few milliseconds to open them. */
const turnRowsMax = 100;
/** Of items of which nothing is known yet. */
const firstRows = 16;

export class TableItems {
  readonly #parts: TableItemsParts;
  readonly #locks: ItemLocks = createItemLocks();
  readonly #cache = new ItemCache();

  constructor(parts: TableItemsParts) {
    this.#parts = parts;
  }

  /** `key`: the attributes of the table's key. What has been answered to a writer is read. */
  async read(table: Table, key: Item): Promise<Item | undefined> {
    return this.#readAt(this.#find(table, key));
  }

  /** Each as it is when its turn comes: others have theirs between, for a hundred of the largest take a second to open. */
  async readEach(table: Table, keys: readonly Item[]): Promise<(Item | undefined)[]> {
    return this.#readAll(keys.map((key) => this.#find(table, key)));
  }

  /** As they were at one moment. */
  async readTogether(keys: readonly { table: Table; key: Item }[]): Promise<(Item | undefined)[]> {
    const found = keys.map(({ table, key }) => this.#find(table, key));
    return this.#locks.hold(found, () => this.#readAll(found));
  }

  /** No two changes are of the same item. On disk once resolved. */
  async write(changes: readonly ItemChange[], options: WriteOptions): Promise<Written> {
    const found = changes.map(({ table, key }) => this.#find(table, key));
    return this.#locks.hold(found, () => this.#write(changes, found, options));
  }

  async query(table: Table, { partition, sort, isReversed = false, ...request }: QueryRequest): Promise<ItemPage> {
    const index = this.#index(table, request.index);
    const prefix = partitionPrefix(table, this.#cipher(table), partition, index);
    return this.#page(table, index, request, sortBounds(prefix, sort), isReversed);
  }

  async scan(table: Table, { segment, ...request }: ScanRequest): Promise<ItemPage> {
    const index = this.#index(table, request.index);
    const prefix = indexPrefix(table.id, index?.id);
    const bounds = segment === undefined ? {} : segmentBounds(prefix, segment.number, segment.of);
    return this.#page(table, index, request, { prefix, ...bounds }, false);
  }

  /** Everything else that changes these items waits meanwhile. For what fills indexes. */
  holding<Result>(items: readonly HeldItem[], work: () => Promise<Result>): Promise<Result> {
    return this.#locks.hold(items, work);
  }

  async #write(changes: readonly ItemChange[], found: readonly Found[], options: WriteOptions): Promise<Written> {
    const before = await this.#readAll(found);
    const decisions = await decideAll(changes, before);
    const refusals = decisions.map((decision, at) => refusalOf(decision, before[at]));
    if (refusals.some((refusal) => refusal !== undefined)) return { status: 'refused', refusals };

    let has = await this.#entriesOf(changes, found, before);
    // What a table is may have changed since, and with it where entries may be.
    while (changes.some(({ table }) => this.#current(table) !== has.tables.get(table.id)))
      has = await this.#entriesOf(changes, found, before);

    // From here to the commit in one turn: what is numbered first is on disk first.
    const operations: Operation[] = [...(options.alongside ?? [])];
    const pending: PendingChange[] = [];
    const differences = new Map<string, Difference[]>();
    const written = changes.map((change, at): ItemWritten => {
      const table = this.#current(change.table);
      const [was, decision, one] = [before[at], decisions[at], found[at]];
      if (decision === undefined || one === undefined) throw new Error('invariant broken: a change without a decision');
      const after = afterOf(decision, was);
      const images = { ...(was !== undefined && { before: was }), ...(after !== undefined && { after }) };
      if (decision.kind === 'keep' || (was === undefined && after === undefined))
        return { ...images, units: { table: writeUnits(was === undefined ? 0 : itemSizeBytes(was)), indexes: {} } };
      const made: EntryChanges = entryChanges(table, one.cipher, was, after, (place) => has.places.has(place));
      operations.push(...made.operations);
      differences.set(table.id, [...(differences.get(table.id) ?? []), ...made.differences]);
      if (table.stream?.isOn === true) {
        const kept = this.#parts.changes.changed({
          table,
          key: change.key,
          partition: partitionDigest(table, one.place),
          ...images,
          cause: options.cause,
          byExpiry: options.byExpiry === true,
          cipher: one.cipher,
        });
        if (kept !== undefined) {
          pending.push(kept);
          operations.push(...kept.operations);
        }
      }
      return { ...images, units: made.units };
    });
    if (operations.length === 0) return { status: 'written', changes: written };
    for (const [tableId, counted] of differences) operations.push(...this.#parts.tallies.add(tableId, counted));
    try {
      const committed = await this.#parts.records.transact(operations);
      if (committed.status === 'conflict')
        throw new PlatformError('precondition_failed', 'Somebody else changed the same meanwhile: try again.', {
          reason: 'TransactionConflictException',
        });
    } catch (error) {
      for (const [tableId, counted] of differences) this.#parts.tallies.revert(tableId, counted);
      for (const { place } of found) this.#cache.drop(place);
      throw error;
    }
    for (const [at, { place }] of found.entries()) {
      const after = written[at]?.after;
      if (after === undefined) this.#cache.drop(place);
      else this.#cache.put(place, after);
    }
    for (const one of pending) one.committed();
    return { status: 'written', changes: written };
  }

  /** Which entries there are, of those of which that is not sure, and the tables by which that was asked. */
  async #entriesOf(
    changes: readonly ItemChange[],
    found: readonly Found[],
    before: readonly (Item | undefined)[],
  ): Promise<{ tables: ReadonlyMap<string, Table>; places: ReadonlySet<string> }> {
    const tables = new Map(changes.map(({ table }) => [table.id, this.#current(table)]));
    const asked = changes.flatMap(({ table }, at) => {
      const [item, one, current] = [before[at], found[at], tables.get(table.id)];
      return item === undefined || one === undefined || current === undefined
        ? []
        : unsurePlaces(current, one.cipher, item);
    });
    const places = new Set<string>();
    for (const place of asked) if ((await this.#parts.records.get(place)) !== undefined) places.add(place);
    return { tables, places };
  }

  async #page(
    table: Table,
    index: TableIndex | undefined,
    { limit = Infinity, after, isWhole = false }: PageRequest,
    bounds: Bounds,
    isReversed: boolean,
  ): Promise<ItemPage> {
    const cipher = this.#cipher(table);
    const items: Item[] = [];
    const fetchedBytes: number[] = [];
    let bytes = 0;
    let left: Bounds & { after?: string } = bounds;
    if (after !== undefined) left = onFrom(left, this.#start(table, cipher, index, after, bounds), isReversed);
    for (;;) {
      const rows = Math.min(limit - items.length, this.#rowsFor(table, items.length, bytes));
      const entries = await this.#parts.records.range({ ...left, limit: rows, reverse: isReversed });
      for (const { key, value } of entries) {
        const entry = decodeItem(cipher.open(value as string, key));
        const item = isWhole && index !== undefined ? await this.#wholeOf(table, cipher, entry) : entry;
        if (item !== entry) fetchedBytes.push(itemSizeBytes(item));
        bytes += itemSizeBytes(entry);
        items.push(item);
        if (items.length >= limit || bytes >= tableLimits.pageBytesMax)
          return { items, bytes, fetchedBytes, last: keyOf(entry, table.key, index?.key) };
      }
      const last = entries.at(-1);
      if (last === undefined || entries.length < rows) return { items, bytes, fetchedBytes };
      left = onFrom(left, last.key, isReversed);
      await nextTurn();
    }
  }

  async #wholeOf(table: Table, cipher: TableCipher, entry: Item): Promise<Item> {
    const place = itemPlace(table, cipher, entry);
    return (place === undefined ? undefined : await this.#readAt({ account: table.account, cipher, place })) ?? entry;
  }

  /** As many as are likely to fill the page, and can be opened in one turn. */
  #rowsFor(table: Table, items: number, bytes: number): number {
    const tally = this.#parts.tallies.of(table.id);
    const average = items > 0 ? bytes / items : tally.items > 0 ? tally.bytes / tally.items : 0;
    if (average === 0) return firstRows;
    return Math.max(1, Math.min(turnRowsMax, Math.ceil((tableLimits.pageBytesMax - bytes) / average)));
  }

  #start(table: Table, cipher: TableCipher, index: TableIndex | undefined, after: Item, bounds: Bounds): string {
    const place = index === undefined ? itemPlace(table, cipher, after) : entryPlace(table, cipher, index, after);
    if (place === undefined || itemPlace(table, cipher, after) === undefined)
      throw invalidStart('The provided starting key is invalid');
    const { prefix, from = prefix, before } = bounds;
    if (!place.startsWith(prefix) || place < from || (before !== undefined && place >= before))
      throw invalidStart('The provided starting key is outside query boundaries based on provided conditions');
    return place;
  }

  #index(table: Table, name: string | undefined): TableIndex | undefined {
    if (name === undefined) return undefined;
    const index = table.indexes.find((one) => one.name === name && one.state !== 'deleting');
    if (index === undefined)
      throw new PlatformError('invalid_argument', `The table does not have the specified index: ${name}`, {
        reason: 'ValidationException',
        field: 'IndexName',
      });
    if (index.state === 'filling')
      throw new PlatformError('invalid_argument', `Cannot read from backfilling global secondary index: ${name}`, {
        reason: 'ValidationException',
        field: 'IndexName',
      });
    return index;
  }

  #current({ id }: Table): Table {
    const table = this.#parts.current(id);
    if (table === undefined) throw noTable();
    return table;
  }

  #cipher({ id }: Table): TableCipher {
    const cipher = this.#parts.ciphers.held(id);
    if (this.#parts.current(id) === undefined) throw noTable();
    if (cipher === undefined) throw inaccessibleKey();
    return cipher;
  }

  #find(table: Table, key: Item): Found {
    const cipher = this.#cipher(table);
    const place = itemPlace(table, cipher, key);
    if (place === undefined)
      throw new PlatformError('invalid_argument', 'The provided key element does not match the schema', {
        reason: 'ValidationException',
      });
    return { account: table.account, cipher, place };
  }

  async #readAll(found: readonly Found[]): Promise<(Item | undefined)[]> {
    const items: (Item | undefined)[] = [];
    let bytes = 0;
    for (const one of found) {
      if (bytes > turnBytesMax) {
        await nextTurn();
        bytes = 0;
      }
      const item = await this.#readAt(one);
      items.push(item);
      bytes += item === undefined ? 0 : itemSizeBytes(item);
    }
    if (bytes > turnBytesMax) await nextTurn();
    return items;
  }

  async #readAt({ cipher, place }: Found): Promise<Item | undefined> {
    const cached = this.#cache.get(place);
    if (cached !== undefined) return cached;
    const entry = await this.#parts.records.get(place);
    if (entry === undefined) return undefined;
    const item = decodeItem(cipher.open(entry.value as string, place));
    // Whoever changes it now keeps what he makes of it, and that alone.
    if (!this.#locks.isHeld(place)) this.#cache.put(place, item);
    return item;
  }
}

/** A condition may look through an item some hundred times: others have their turn between two of a transaction's. */
async function decideAll(
  changes: readonly ItemChange[],
  before: readonly (Item | undefined)[],
): Promise<readonly Decision[]> {
  const decisions: Decision[] = [];
  let bytes = 0;
  for (const [at, change] of changes.entries()) {
    if (bytes > turnBytesMax) {
      await nextTurn();
      bytes = 0;
    }
    const item = before[at];
    decisions.push(decide(change, item));
    bytes += item === undefined ? 0 : itemSizeBytes(item);
  }
  return decisions;
}

function decide({ decide: ask }: ItemChange, before: Item | undefined): Decision {
  try {
    return ask(before);
  } catch (error) {
    if (error instanceof PlatformError) return { kind: 'refuse', why: error };
    throw error;
  }
}

const refusalOf = (decision: Decision, before: Item | undefined): ItemRefused | undefined =>
  decision.kind === 'refuse' ? { why: decision.why, ...(before !== undefined && { before }) } : undefined;

function afterOf(decision: Decision, before: Item | undefined): Item | undefined {
  if (decision.kind === 'put') return decision.item;
  return decision.kind === 'delete' ? undefined : before;
}

/** What comes behind the record of this key, in the order that is read in. */
const onFrom = (bounds: Bounds, key: string, isReversed: boolean): Bounds & { after?: string } =>
  isReversed ? { ...bounds, before: key } : { ...bounds, after: key };

const invalidStart = (message: string): PlatformError =>
  new PlatformError('invalid_argument', message, { reason: 'ValidationException', field: 'ExclusiveStartKey' });
