/**
 * Functions with their versions, as they are on disk, held in memory: read at once, changed one change of a function after
 * the other, each in one transaction. What a change may be is open-registry.ts.
 */
import { scan, type Operation, type Records } from '../store/records.ts';
import { assert } from '../util/assert.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, VersionId } from '../util/ids.ts';
import { createInTurn, type InTurn } from '../util/in-turn.ts';
import type { Sealer } from '../util/sealer.ts';
import type { Alias, FunctionRecord, FunctionVersion } from './function.ts';
import type { Resolved } from './registry.ts';
import { storedFunctions, type StoredFunctions } from './stored-function.ts';

/** Somebody else changed the record meanwhile: so often we look again before we say so. */
const retriesMax = 5;

const functionsPrefix = 'function/';
const versionsPrefix = 'version/';
/** What is left of a deleted function: its numbers are never given again, as Lambda's are not. */
const lastPrefix = 'function-last/';
const functionKey = (account: AccountId, name: string): string => `${functionsPrefix}${account}/${name}`;
/** Padded, so that the store's order is the numbers'. */
const versionKey = (account: AccountId, name: string, version: VersionId): string =>
  `${versionsPrefix}${account}/${name}/${version.padStart(10, '0')}`;
const nameKey = (account: AccountId, name: string): string => `${account}/${name}`;

/** A function as held in memory. Replaced as a whole by every change, so that readers see one state or the other. */
export type Held = {
  record: FunctionRecord;
  revision: number;
  aliases: ReadonlyMap<string, { alias: Alias; isWeighted: boolean }>;
  versions: ReadonlyMap<VersionId, FunctionVersion>;
  /** Made when first asked for. */
  resolved: Map<VersionId, Resolved>;
};

/** What a change makes of a function. `answer` is given once it is on disk. */
export type Change<T> = {
  record?: FunctionRecord;
  version?: FunctionVersion;
  deleted?: VersionId;
  answer: T;
};

type Watcher = (account: AccountId, name: string) => void;

export class HeldFunctions {
  readonly #records: Records;
  readonly #stored: StoredFunctions;
  readonly #functions = new Map<AccountId, Map<string, Held>>();
  /** Of deleted functions. */
  readonly #lastNumbers = new Map<string, number>();
  readonly #urlIds = new Map<string, { held: Held; qualifier: string }>();
  readonly #watchers = new Set<Watcher>();
  /** Changes to one function wait for each other. */
  readonly #inTurn: InTurn = createInTurn();

  private constructor(records: Records, sealer: Sealer) {
    this.#records = records;
    this.#stored = storedFunctions(sealer);
  }

  static async open({ records, sealer }: { records: Records; sealer: Sealer }): Promise<HeldFunctions> {
    const functions = new HeldFunctions(records, sealer);
    await functions.#load();
    return functions;
  }

  get(account: AccountId, name: string): Held | undefined {
    return this.#functions.get(account)?.get(name);
  }

  /** Of one account. */
  of(account: AccountId): Iterable<Held> {
    return this.#functions.get(account)?.values() ?? [];
  }

  *all(): Generator<Held> {
    for (const ofAccount of this.#functions.values()) yield* ofAccount.values();
  }

  /** `qualifier`: the key of the address in `urls`. */
  byUrlId(urlId: string): { held: Held; qualifier: string } | undefined {
    return this.#urlIds.get(urlId);
  }

  /** The highest number that was given to a version, also of a function of this name that is gone. */
  lastNumber(account: AccountId, name: string): number {
    return this.get(account, name)?.record.versionLast ?? this.#lastNumbers.get(nameKey(account, name)) ?? 0;
  }

  watch(watcher: Watcher): { stop(): void } {
    this.#watchers.add(watcher);
    return { stop: () => void this.#watchers.delete(watcher) };
  }

  /** `decide` is called with the present state, again if that has changed under it; what it answers is written in one step. */
  change<T>(account: AccountId, name: string, decide: (held: Held | undefined) => Change<T>): Promise<T> {
    return this.#inTurn(nameKey(account, name), async () => {
      for (let attempt = 0; attempt < retriesMax; attempt++) {
        const held = this.get(account, name);
        const { record, version, deleted, answer } = decide(held);
        if (record === undefined) return answer;
        const key = functionKey(account, name);
        const operations: Operation[] = [
          { kind: 'check', key, revision: held?.revision ?? 0 },
          { kind: 'put', key, value: this.#stored.writeRecord(record) },
        ];
        if (version !== undefined) operations.push(this.#putVersion(version));
        if (deleted !== undefined) operations.push({ kind: 'delete', key: versionKey(account, name, deleted) });
        const committed = await this.#records.transact(operations);
        if (committed.status === 'committed') {
          const versions = new Map(held?.versions);
          if (version !== undefined) versions.set(version.version, version);
          if (deleted !== undefined) versions.delete(deleted);
          this.#hold(record, committed.revision, versions);
          this.#changed(account, name);
          return answer;
        }
        await this.#reload(account, name);
      }
      throw keepsChanging(name);
    });
  }

  /** With its versions. False: there is none. */
  delete(account: AccountId, name: string): Promise<boolean> {
    return this.#inTurn(nameKey(account, name), async () => {
      for (let attempt = 0; attempt < retriesMax; attempt++) {
        const held = this.get(account, name);
        if (held === undefined) return false;
        const key = functionKey(account, name);
        const { versionLast } = held.record;
        const committed = await this.#records.transact([
          { kind: 'check', key, revision: held.revision },
          { kind: 'delete', key },
          ...(versionLast === 0
            ? []
            : [{ kind: 'put', key: lastPrefix + nameKey(account, name), value: { versionLast } } as const]),
          ...[...held.versions.keys()].map((version): Operation => ({
            kind: 'delete',
            key: versionKey(account, name, version),
          })),
        ]);
        if (committed.status === 'committed') {
          if (versionLast > 0) this.#lastNumbers.set(nameKey(account, name), versionLast);
          this.#drop(account, name);
          this.#changed(account, name);
          return true;
        }
        await this.#reload(account, name);
      }
      throw keepsChanging(name);
    });
  }

  async #load(): Promise<void> {
    const versions = new Map<string, Map<VersionId, FunctionVersion>>();
    const unsealed = new Set<string>();
    for await (const { value } of scan(this.#records, versionsPrefix)) {
      const { value: version, isSealed } = this.#stored.readVersion(value);
      const key = nameKey(version.account, version.name);
      if (!isSealed) unsealed.add(key);
      let ofFunction = versions.get(key);
      if (ofFunction === undefined) versions.set(key, (ofFunction = new Map()));
      ofFunction.set(version.version, version);
    }
    for await (const { value, revision } of scan(this.#records, functionsPrefix)) {
      const { value: record, isSealed } = this.#stored.readRecord(value);
      const key = nameKey(record.account, record.name);
      const numbered = versions.get(key) ?? new Map<VersionId, FunctionVersion>();
      const isAllSealed = isSealed && !unsealed.has(key);
      this.#hold(record, isAllSealed ? revision : await this.#sealAll(record, revision, numbered), numbered);
    }
    for await (const { key, value } of scan(this.#records, lastPrefix))
      this.#lastNumbers.set(key.slice(lastPrefix.length), (value as { versionLast: number }).versionLast);
  }

  /** What was written before variables were sealed, or with an older key. Answers the record's new revision. */
  async #sealAll(
    record: FunctionRecord,
    revision: number,
    versions: ReadonlyMap<VersionId, FunctionVersion>,
  ): Promise<number> {
    const key = functionKey(record.account, record.name);
    const committed = await this.#records.transact([
      { kind: 'check', key, revision },
      { kind: 'put', key, value: this.#stored.writeRecord(record) },
      ...[...versions.values()].map((version) => this.#putVersion(version)),
    ]);
    assert(committed.status === 'committed', 'nobody else writes while the registry is loaded');
    return committed.revision;
  }

  /** Another process may have written the record: take it as it is now. */
  async #reload(account: AccountId, name: string): Promise<void> {
    const entry = await this.#records.get(functionKey(account, name));
    if (entry === undefined) return this.#drop(account, name);
    const versions = new Map<VersionId, FunctionVersion>();
    for await (const { value } of scan(this.#records, `${versionsPrefix}${account}/${name}/`)) {
      const { value: version } = this.#stored.readVersion(value);
      versions.set(version.version, version);
    }
    this.#hold(this.#stored.readRecord(entry.value).value, entry.revision, versions);
  }

  #hold(record: FunctionRecord, revision: number, versions: ReadonlyMap<VersionId, FunctionVersion>): void {
    const before = this.get(record.account, record.name);
    this.#forgetUrls(before);
    const aliases = new Map(
      Object.values(record.aliases).map((alias) => [
        alias.name,
        { alias, isWeighted: Object.keys(alias.weights).length > 0 },
      ]),
    );
    const held: Held = { record, revision, aliases, versions, resolved: new Map() };
    let ofAccount = this.#functions.get(record.account);
    if (ofAccount === undefined) this.#functions.set(record.account, (ofAccount = new Map()));
    ofAccount.set(record.name, held);
    for (const [qualifier, { urlId }] of Object.entries(record.extras.urls))
      this.#urlIds.set(urlId, { held, qualifier });
  }

  #drop(account: AccountId, name: string): void {
    this.#forgetUrls(this.get(account, name));
    this.#functions.get(account)?.delete(name);
  }

  #forgetUrls(held: Held | undefined): void {
    for (const { urlId } of Object.values(held?.record.extras.urls ?? {})) this.#urlIds.delete(urlId);
  }

  #putVersion(version: FunctionVersion): Operation {
    const key = versionKey(version.account, version.name, version.version);
    return { kind: 'put', key, value: this.#stored.writeVersion(version) };
  }

  #changed(account: AccountId, name: string): void {
    for (const watcher of this.#watchers) watcher(account, name);
  }
}

const keepsChanging = (name: string): PlatformError =>
  new PlatformError('conflict', `function '${name}' keeps being changed by somebody else; try again`);
