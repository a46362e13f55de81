import { checkName, checkRange, decodeValue, encodeOperations } from '../encode-operations.ts';
import type { EncodedAppend } from '../encode-operations.ts';
import { compareKeys, intervalOf } from '../key-order.ts';
import type { Committed, Entry, Operation, Range, Records } from '../records.ts';
import type { MemoryLog } from './memory-log.ts';
import type { Counter } from './open-memory-store.ts';

type Kept = { json: string; revision: number };

export class MemoryRecords implements Records {
  readonly #counter: Counter;
  readonly #log: MemoryLog;
  readonly #kept = new Map<string, Kept>();
  /** Every key, in order; undefined after a key came or went, until the next range. */
  #keys: string[] | undefined;

  constructor(counter: Counter, log: MemoryLog) {
    this.#counter = counter;
    this.#log = log;
  }

  async get(key: string): Promise<Entry | undefined> {
    checkName('key', key);
    const kept = this.#kept.get(key);
    return kept === undefined ? undefined : this.#entry(key, kept);
  }

  async range(range: Range): Promise<Entry[]> {
    checkRange(range);
    const { start, end } = intervalOf(range);
    this.#keys ??= [...this.#kept.keys()].sort(compareKeys);
    const keys = this.#keys.filter(
      (key) => compareKeys(key, start) >= 0 && (end === undefined || compareKeys(key, end) < 0),
    );
    if (range.reverse === true) keys.reverse();
    return keys.slice(0, range.limit).flatMap((key) => {
      const kept = this.#kept.get(key);
      return kept === undefined ? [] : [this.#entry(key, kept)];
    });
  }

  async transact(operations: readonly Operation[]): Promise<Committed> {
    const encoded = encodeOperations(operations);
    for (const operation of encoded) {
      if (operation.kind === 'check' && operation.revision !== (this.#kept.get(operation.key)?.revision ?? 0)) {
        return { status: 'conflict', key: operation.key };
      }
      if (operation.kind === 'take' && !this.#log.holds(operation.topic, operation.id))
        return { status: 'conflict', key: `${operation.topic} ${operation.id}` };
    }
    const revision = this.#counter.next();
    const appends: EncodedAppend[] = [];
    for (const operation of encoded) {
      if (operation.kind === 'append') appends.push(operation);
      if (operation.kind === 'take') this.#log.take(operation.topic, operation.id);
      if (operation.kind === 'put') {
        if (!this.#kept.has(operation.key)) this.#keys = undefined;
        this.#kept.set(operation.key, { json: operation.json, revision });
      }
      if (operation.kind === 'delete' && this.#kept.delete(operation.key)) this.#keys = undefined;
    }
    this.#log.add(appends);
    return { status: 'committed', revision };
  }

  #entry(key: string, { json, revision }: Kept): Entry {
    return { key, value: decodeValue(json), revision };
  }
}
