/**
 * Records in which sealed texts are brought under a new key while the platform runs. Those who keep something hold what
 * they have read in memory, sealed texts and revisions included, and write it back as they know it. So from the moment
 * that keys were replaced
 * - what is written is sealed anew on its way, whoever still had it under an old key;
 * - a revision that only this has changed stands for the one from before.
 */
import { PlatformError } from '../util/errors.ts';
import { scan, type Committed, type Entry, type Operation, type Range, type Records } from './records.ts';

export type Resealing = {
  /** The text under the present key; undefined: it needs not, or cannot, be sealed anew. */
  reseal(text: string): string | undefined;
  /** Sealed with a key that has been replaced. */
  isOlder(text: string): boolean;
};

/** `left`: keys of the records that have texts which only their owner can seal anew. */
export type Resealed = { records: number; left: readonly string[] };

/** What was under way when keys were replaced may come after the first; the next has nothing to do as a rule. */
const passesMax = 10;
/** Deeper than anything that is kept. */
const depthMax = 64;

export class ResealingRecords implements Records {
  readonly #records: Records;
  readonly #resealing: Resealing;
  #isOn = false;
  /** From a record's key and revision to the revision that it got here. One entry for each sealed record and rotation of this process. */
  readonly #moved = new Map<string, number>();

  constructor(records: Records, resealing: Resealing) {
    this.#records = records;
    this.#resealing = resealing;
  }

  get(key: string): Promise<Entry | undefined> {
    return this.#records.get(key);
  }

  range(range: Range): Promise<Entry[]> {
    return this.#records.range(range);
  }

  transact(operations: readonly Operation[]): Promise<Committed> {
    return this.#records.transact(this.#isOn ? operations.map((operation) => this.#brought(operation)) : operations);
  }

  /** Everything that is there. What is written meanwhile, and from now on, is sealed anew on its way. */
  async resealAll(): Promise<Resealed> {
    this.#isOn = true;
    let records = 0;
    for (let passes = 0; passes < passesMax; passes++) {
      const pass = await this.#pass();
      records += pass.records;
      if (pass.records + pass.conflicts === 0) return { records, left: pass.left };
    }
    throw new PlatformError('unavailable', `records are changed faster than they are sealed anew: try again`);
  }

  async #pass(): Promise<{ records: number; conflicts: number; left: string[] }> {
    const pass = { records: 0, conflicts: 0, left: Array<string>() };
    for await (const entry of scan(this.#records, '')) {
      const found = { isLeft: false };
      const value = this.#resealed(entry.value, found);
      if (found.isLeft) pass.left.push(entry.key);
      if (value === entry.value) continue;
      const { key, revision } = entry;
      const committed = await this.#records.transact([
        { kind: 'check', key, revision },
        { kind: 'put', key, value },
      ]);
      if (committed.status === 'conflict') pass.conflicts++;
      else {
        this.#moved.set(movedFrom(key, revision), committed.revision);
        pass.records++;
      }
    }
    return pass;
  }

  #brought(operation: Operation): Operation {
    switch (operation.kind) {
      case 'put':
        return { ...operation, value: this.#resealed(operation.value, { isLeft: false }) };
      case 'check':
        return { ...operation, revision: this.#now(operation.key, operation.revision) };
      case 'delete':
      case 'append':
      case 'take':
        return operation;
    }
  }

  #now(key: string, revision: number): number {
    let now = revision;
    for (let next = this.#moved.get(movedFrom(key, now)); next !== undefined;) {
      now = next;
      next = this.#moved.get(movedFrom(key, now));
    }
    return now;
  }

  /** The same object where nothing in it is to be sealed anew. */
  #resealed(value: unknown, found: { isLeft: boolean }, depth = 0): unknown {
    if (typeof value === 'string') {
      if (!mayBeSealed(value)) return value;
      const resealed = this.#resealing.reseal(value);
      if (resealed === undefined && this.#resealing.isOlder(value)) found.isLeft = true;
      return resealed ?? value;
    }
    if (typeof value !== 'object' || value === null || depth > depthMax) return value;
    if (Array.isArray(value)) {
      const items: readonly unknown[] = value;
      const next = items.map((item) => this.#resealed(item, found, depth + 1));
      return next.some((item, index) => item !== items[index]) ? next : value;
    }
    const entries = Object.entries(value);
    const next = entries.map(([name, item]) => [name, this.#resealed(item, found, depth + 1)] as const);
    return next.some(([, item], index) => item !== entries[index]?.[1]) ? Object.fromEntries(next) : value;
  }
}

/** Most texts are not, and are not to be looked at twice. */
const mayBeSealed = (text: string): boolean => /^m\d\.[0-9a-f]{16}\./.test(text);

const movedFrom = (key: string, revision: number): string => `${revision} ${key}`;
