/** Everything of one kind that accounts have by name: read from memory, written to disk before it counts. */
import { scan, type Operation, type Records } from '../../store/records.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import { createInTurn, type InTurn } from '../../util/in-turn.ts';

export type Named = { account: AccountId; name: string };

/** `kind`: what its records' keys begin with. `changed`: called after each change. */
type NamedThingsParts = { kind: string; records: Records; changed: () => void };

export class NamedThings<Thing extends Named> {
  readonly #parts: NamedThingsParts;
  readonly #inTurn: InTurn = createInTurn();
  readonly #things = new Map<string, Thing>();

  private constructor(parts: NamedThingsParts) {
    this.#parts = parts;
  }

  static async open<Thing extends Named>(parts: NamedThingsParts): Promise<NamedThings<Thing>> {
    const things = new NamedThings<Thing>(parts);
    for await (const { key, value } of scan(parts.records, `${parts.kind}/`)) things.#things.set(key, value as Thing);
    return things;
  }

  get(account: AccountId, name: string): Thing | undefined {
    return this.#things.get(this.#keyOf(account, name));
  }

  /** By name. */
  list(account: AccountId): readonly Thing[] {
    return this.all().filter((thing) => thing.account === account);
  }

  /** Of every account, by name. */
  all(): readonly Thing[] {
    return [...this.#things.values()].toSorted(byName);
  }

  /** When every change of it that was asked for before is over. */
  inTurn<Result>(account: AccountId, name: string, work: () => Promise<Result>): Promise<Result> {
    return this.#inTurn(this.#keyOf(account, name), work);
  }

  async put(thing: Thing, more: readonly Operation[] = []): Promise<Thing> {
    const key = this.#keyOf(thing.account, thing.name);
    await this.#parts.records.transact([{ kind: 'put', key, value: thing }, ...more]);
    this.#things.set(key, thing);
    this.#parts.changed();
    return thing;
  }

  async delete(account: AccountId, name: string): Promise<void> {
    const key = this.#keyOf(account, name);
    await this.#parts.records.transact([{ kind: 'delete', key }]);
    this.#things.delete(key);
    this.#parts.changed();
  }

  /** Throws `conflict` where the account has `max` of them. */
  checkCount(account: AccountId, max: number, what: string): void {
    if (this.list(account).length < max) return;
    throw new PlatformError('conflict', `The requested resource exceeds the maximum number allowed: ${max} ${what}.`, {
      reason: 'LimitExceededException',
    });
  }

  #keyOf(account: AccountId, name: string): string {
    return `${this.#parts.kind}/${account}/${name}`;
  }
}

export const byName = (a: { name: string }, b: { name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

export function missing(message: string): never {
  throw new PlatformError('not_found', message, { reason: 'ResourceNotFoundException' });
}

export const taken = (message: string): PlatformError =>
  new PlatformError('already_exists', message, { reason: 'ResourceAlreadyExistsException' });
