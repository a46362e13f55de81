/**
 * The tables that there are: read from memory, and on disk before they count. Their items are in `items`; what has to be done of
 * itself (indexes that are filled, what is left of deleted ones, items whose time is over) is done by upkeep.ts.
 */
import { scan, type Operation, type Records } from '../../store/records.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId, Ids } from '../../util/ids.ts';
import { createInTurn, type InTurn } from '../../util/in-turn.ts';
import { expiryIndex } from './item-places.ts';
import { noTableChanges, type PendingChange, type TableChanges } from './table-changes.ts';
import type { TableCiphers } from './table-ciphers.ts';
import { noTableNamed, tableInUse, tooManyTables } from './table-errors.ts';
import { TableItems } from './table-items.ts';
import { tableLimits, type Table, type TableIndex } from './table.ts';
import { Tallies, type Tally } from './tallies.ts';
import { fillingPrefix, gonePrefix, TableUpkeep } from './upkeep.ts';

export type TablesParts = {
  records: Records;
  clock: Clock;
  ids: Ids;
  ciphers: TableCiphers;
  /** Absent: nobody is told. */
  changes?: TableChanges;
  report: (message: string, cause: unknown) => void;
};

/** What somebody says of a new table; the rest is the engine's. */
export type TableCreation = Omit<Table, 'id' | 'createdMs' | 'indexes' | 'cipherKey' | 'stream'> & {
  indexes: readonly NewIndex[];
  stream?: Pick<NonNullable<Table['stream']>, 'view'>;
  /** The table's key, by who has had a key of KMS seal it; absent: the platform seals a new one. */
  sealedKey?: Sealed;
  /** Absent: a new one. */
  id?: string;
};

export type NewIndex = Omit<TableIndex, 'id' | 'state'>;
export type Sealed = { stored: Table['cipherKey']; plain: Uint8Array };

/** What of a table can be changed. */
export type TableChange = Partial<
  Pick<Table, 'application' | 'billing' | 'onDemandSinceMs' | 'tableClass' | 'isProtected' | 'tags' | 'cipherKey'>
> & {
  resourcePolicy?: Table['resourcePolicy'] | undefined;
  encryption?: Table['encryption'] | undefined;
  /** Turned on, and off. */
  stream?: Pick<NonNullable<Table['stream']>, 'view'> | 'off';
  expiry?: { attribute: string } | 'off';
  newIndexes?: readonly NewIndex[];
  goneIndexes?: readonly string[];
  /** By name. */
  throughputs?: ReadonlyMap<string, TableIndex['throughput']>;
};

const prefix = 'table/';
const keyFor = ({ account, name }: Pick<Table, 'account' | 'name'>): string => `${prefix}${account}/${name}`;
const turnOf = keyFor;

export class Tables implements AsyncDisposable {
  readonly items: TableItems;
  readonly #parts: TablesParts;
  readonly #changes: TableChanges;
  readonly #inTurn: InTurn = createInTurn();
  readonly #tables = new Map<string, Table>();
  readonly #byId = new Map<string, Table>();
  readonly #tallies: Tallies;
  readonly #upkeep: TableUpkeep;
  readonly #watchers = new Set<() => void>();

  private constructor(parts: TablesParts, tallies: Tallies) {
    this.#parts = parts;
    this.#changes = parts.changes ?? noTableChanges;
    this.#tallies = tallies;
    this.items = new TableItems({
      ...parts,
      changes: this.#changes,
      tallies,
      current: (id) => this.#byId.get(id),
    });
    this.#upkeep = new TableUpkeep({
      ...parts,
      tallies,
      items: this.items,
      current: (id) => this.#byId.get(id),
      all: () => this.#byId.values(),
      settle: (id, settled) => this.#settle(id, settled),
    });
  }

  static async open(parts: TablesParts): Promise<Tables> {
    const tables = new Tables(parts, await Tallies.open(parts.records));
    for await (const { value } of scan(parts.records, prefix)) {
      const table = value as Table;
      tables.#hold(table);
      // Of one with a key of KMS, whoever uses it has it opened.
      if (table.cipherKey.kind === 'platform') await parts.ciphers.of(table.id, table.cipherKey);
    }
    await tables.#upkeep.start();
    return tables;
  }

  get(account: AccountId, name: string): Table | undefined {
    return this.#tables.get(keyFor({ account, name }));
  }

  /** By name. */
  list(account: AccountId): readonly Table[] {
    return [...this.#byId.values()]
      .filter((table) => table.account === account)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  tally(table: Pick<Table, 'id'>): Tally {
    return this.#tallies.of(table.id);
  }

  /** Errors: ResourceInUseException for a name that is taken, LimitExceededException, also for too many streams. */
  create(creation: TableCreation): Promise<Table> {
    const { account, name, sealedKey, stream: wantedStream, id = this.#parts.ids.uuid(), ...settings } = creation;
    return this.#inTurn(turnOf(creation), async () => {
      if (this.get(account, name) !== undefined) throw tableInUse(`Table already exists: ${name}`);
      if (this.list(account).length >= tableLimits.tablesMax)
        throw tooManyTables(
          `Subscriber limit exceeded: There is a limit of ${tableLimits.tablesMax} tables per account and region.`,
        );
      const { plain, stored } = sealedKey ?? this.#parts.ciphers.make(id);
      const createdMs = this.#parts.clock.now();
      const stream = wantedStream && { ...wantedStream, label: labelAt(createdMs), isOn: true };
      const table: Table = {
        account,
        name,
        id,
        createdMs,
        ...settings,
        indexes: settings.indexes.map((index) => this.#made(index, 'active')),
        ...(stream !== undefined && { stream }),
        cipherKey: stored,
      };
      const started = stream === undefined ? undefined : this.#changes.start(table, stream.label);
      this.#parts.ciphers.hold(id, plain);
      try {
        await this.#put(table, [started]);
      } catch (error) {
        this.#parts.ciphers.drop(id);
        throw error;
      }
      return table;
    });
  }

  /** Errors: ResourceNotFoundException, LimitExceededException for too many streams, and what `change` throws. */
  update(account: AccountId, name: string, change: (table: Table) => TableChange): Promise<Table> {
    return this.#inTurn(turnOf({ account, name }), async () => {
      const before = this.need(account, name);
      const { newIndexes = [], goneIndexes = [], throughputs, stream, expiry, ...settings } = change(before);
      const indexes = before.indexes.map((index) => {
        const throughput = throughputs?.get(index.name);
        const kept = throughput === undefined ? index : { ...index, throughput };
        return goneIndexes.includes(index.name) ? { ...kept, state: 'deleting' as const } : kept;
      });
      const changed = without({
        ...before,
        ...settings,
        indexes: [...indexes, ...newIndexes.map((index) => this.#made(index, 'filling'))],
        ...(expiry !== undefined && { expiry: expiry === 'off' ? undefined : this.#newExpiry(expiry) }),
      });
      const rekeyed = settings.cipherKey === undefined ? undefined : this.#changes.rekeyed(changed);
      const { table, pending } = this.#withStream(changed, stream, () => rekeyed?.refused?.());
      const leftovers = before.expiry !== undefined && expiry !== undefined ? expiryLeftovers(table) : [];
      await this.#put(table, [rekeyed, pending], leftovers);
      void this.#upkeep.look(table.id);
      return table;
    });
  }

  /** Its items go with it. Errors: ResourceNotFoundException, ValidationException for one that is protected, and what `check` throws. */
  delete(account: AccountId, name: string, check?: (table: Table) => void): Promise<Table> {
    return this.#inTurn(turnOf({ account, name }), async () => {
      const table = this.need(account, name);
      check?.(table);
      if (table.isProtected)
        throw new PlatformError(
          'invalid_argument',
          `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
          { reason: 'ValidationException', field: 'TableName' },
        );
      // In one turn with the commit: whoever writes an item from now on finds no table.
      this.#tables.delete(keyFor(table));
      this.#byId.delete(table.id);
      const pending = table.stream?.isOn === true ? this.#changes.stop(table) : undefined;
      const operations: Operation[] = [
        { kind: 'delete', key: keyFor(table) },
        { kind: 'put', key: gonePrefix + table.id, value: {} },
        ...[...table.indexes.map(({ id }) => id), expiryIndex].map((index): Operation => ({
          kind: 'delete',
          key: `${fillingPrefix}${table.id}/${index}`,
        })),
        ...this.#tallies.drop(table.id),
        ...(pending?.operations ?? []),
      ];
      try {
        await this.#parts.records.transact(operations);
      } catch (error) {
        this.#hold(table);
        pending?.refused?.();
        throw error;
      }
      pending?.committed();
      this.#parts.ciphers.drop(table.id);
      this.#changed();
      void this.#upkeep.look(table.id);
      return table;
    });
  }

  /** Errors: ResourceNotFoundException. */
  need(account: AccountId, name: string): Table {
    const table = this.get(account, name);
    if (table === undefined) throw noTableNamed(name);
    return table;
  }

  /** Calls back when a table is made, changed or deleted. */
  watch(changed: () => void): { stop(): void } {
    this.#watchers.add(changed);
    return { stop: () => void this.#watchers.delete(changed) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#upkeep[Symbol.asyncDispose]();
  }

  /** What upkeep has come to an end with. */
  #settle(id: string, settled: (table: Table) => Table): Promise<void> {
    const table = this.#byId.get(id);
    if (table === undefined) return Promise.resolve();
    return this.#inTurn(turnOf(table), async () => {
      const now = this.#byId.get(id);
      if (now !== undefined) await this.#put(settled(now), []);
    });
  }

  /** `refused`: called before it throws. */
  #withStream(
    table: Table,
    wanted: TableChange['stream'],
    refused: () => void,
  ): { table: Table; pending: PendingChange | undefined } {
    if (wanted === undefined) return { table, pending: undefined };
    if (wanted === 'off') {
      const { stream } = table;
      if (stream === undefined) return { table, pending: undefined };
      return { table: { ...table, stream: { ...stream, isOn: false } }, pending: this.#changes.stop(table) };
    }
    // Later than the one before it, whatever the clock says.
    const lastMs = table.stream === undefined ? 0 : Date.parse(`${table.stream.label}Z`);
    const label = labelAt(Math.max(this.#parts.clock.now(), lastMs + 1));
    const started = { ...table, stream: { ...wanted, label, isOn: true } };
    try {
      return { table: started, pending: this.#changes.start(started, label) };
    } catch (error) {
      refused();
      throw error;
    }
  }

  #made(index: NewIndex, state: TableIndex['state']): TableIndex {
    return { ...index, id: this.#parts.ids.hex(4), state };
  }

  #newExpiry({ attribute }: { attribute: string }): Table['expiry'] {
    return { attribute, isFilled: false, id: this.#parts.ids.hex(4) };
  }

  /** Seen from the moment that it is on disk. */
  async #put(
    table: Table,
    pending: readonly (PendingChange | undefined)[],
    more: readonly Operation[] = [],
  ): Promise<void> {
    try {
      await this.#parts.records.transact([
        { kind: 'put', key: keyFor(table), value: table },
        ...pending.flatMap((one) => one?.operations ?? []),
        ...more,
      ]);
    } catch (error) {
      for (const one of pending) one?.refused?.();
      throw error;
    }
    for (const one of pending) one?.committed();
    this.#hold(table);
    this.#changed();
  }

  #hold(table: Table): void {
    this.#tables.set(keyFor(table), table);
    this.#byId.set(table.id, table);
  }

  #changed(): void {
    for (const changed of this.#watchers) changed();
  }
}

/** Without the members that are undefined. */
const without = <Value extends object>(value: { [Name in keyof Value]: Value[Name] | undefined }): Value =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value;

/** `2026-01-02T03:04:05.678`, as the label of a stream is written. */
const labelAt = (ms: number): string => new Date(ms).toISOString().slice(0, -1);

/** Removed by upkeep. */
const expiryLeftovers = (table: Table): Operation[] => [
  { kind: 'put', key: `${gonePrefix}${table.id}/${expiryIndex}`, value: {} },
  { kind: 'delete', key: `${fillingPrefix}${table.id}/${expiryIndex}` },
];
