/** Small records of one kind, by account and name: read from memory at once, written to disk before they count. */
import { scan, type Records } from '../../store/records.ts';
import type { AccountId } from '../../util/ids.ts';

export class Kept<Value> {
  readonly #records: Records;
  readonly #prefix: string;
  readonly #held = new Map<string, Value>();

  private constructor(records: Records, prefix: string) {
    this.#records = records;
    this.#prefix = prefix;
  }

  /** `prefix`: of their keys, with a slash at its end. */
  static async open<Value>(records: Records, prefix: string): Promise<Kept<Value>> {
    const kept = new Kept<Value>(records, prefix);
    for await (const { key, value } of scan(records, prefix)) kept.#held.set(key, value as Value);
    return kept;
  }

  get(account: AccountId, name: string): Value | undefined {
    return this.#held.get(this.#keyOf(account, name));
  }

  /** By name. */
  list(account: AccountId): readonly { name: string; value: Value }[] {
    const prefix = this.#keyOf(account, '');
    return [...this.#held]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => ({ name: key.slice(prefix.length), value }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  count(account: AccountId): number {
    const prefix = this.#keyOf(account, '');
    return [...this.#held.keys()].filter((key) => key.startsWith(prefix)).length;
  }

  async put(account: AccountId, name: string, value: Value): Promise<void> {
    const key = this.#keyOf(account, name);
    await this.#records.transact([{ kind: 'put', key, value }]);
    this.#held.set(key, value);
  }

  /** False: there was none. */
  async delete(account: AccountId, name: string): Promise<boolean> {
    const key = this.#keyOf(account, name);
    if (!this.#held.has(key)) return false;
    await this.#records.transact([{ kind: 'delete', key }]);
    this.#held.delete(key);
    return true;
  }

  #keyOf(account: AccountId, name: string): string {
    return `${this.#prefix}${account}/${name}`;
  }
}
