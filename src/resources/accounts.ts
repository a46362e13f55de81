/**
 * The accounts of a platform: separate names, data, quotas, bills and logs. The first one, the operator's, is always there.
 * What an account holds is with those who hold it; here is what it is called, and what it is bounded by.
 */
import { scan, type Records } from '../store/records.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, Ids } from '../util/ids.ts';
import { createInTurn } from '../util/in-turn.ts';
import { limits } from '../util/limits.ts';

export type Account = {
  id: AccountId;
  /** Unique; for people. */
  name: string;
  createdMs: number;
  /** Suspended: its requests are refused and its functions not run; everything it has stays. */
  isSuspended: boolean;
  /** Invocations at once. */
  concurrencyMax: number;
  /** Policy documents, as they were given: nobody in the account may do what one of them does not allow. */
  policies: readonly string[];
};

export type AccountChange = Partial<Pick<Account, 'name' | 'isSuspended' | 'concurrencyMax' | 'policies'>>;

export type AccountsParts = { records: Records; clock: Clock; ids: Ids; operator: AccountId };

const prefix = 'account/';
const accountsMax = 10_000;
const nameCharacters = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/;
/** A document of a service control policy. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
const policyCharactersMax = 10_240;
const policiesMax = 5;
/** Of random numbers of twelve digits, one in a hundred million is taken when there are ten thousand accounts. */
const idTriesMax = 20;

export class Accounts {
  readonly #parts: AccountsParts;
  readonly #inTurn = createInTurn();
  readonly #accounts = new Map<AccountId, Account>();

  private constructor(parts: AccountsParts) {
    this.#parts = parts;
    this.#accounts.set(parts.operator, this.#fresh(parts.operator, 'operator', 0));
  }

  static async open(parts: AccountsParts): Promise<Accounts> {
    const accounts = new Accounts(parts);
    for await (const { value } of scan(parts.records, prefix)) {
      const account = value as Account;
      accounts.#accounts.set(account.id, account);
    }
    return accounts;
  }

  get operator(): AccountId {
    return this.#parts.operator;
  }

  get(id: AccountId): Account | undefined {
    return this.#accounts.get(id);
  }

  /** By name. */
  list(): readonly Account[] {
    return [...this.#accounts.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  ids(): readonly AccountId[] {
    return [...this.#accounts.keys()];
  }

  isSuspended(id: AccountId): boolean {
    return this.#accounts.get(id)?.isSuspended === true;
  }

  /** Invocations at once. */
  concurrencyMax(id: AccountId): number {
    return this.#accounts.get(id)?.concurrencyMax ?? limits.accountConcurrencyMax;
  }

  /** Errors: `invalid_argument` for a name or number that is none, `already_exists`, `conflict` when there are too many. */
  create({ name, id }: { name: string; id?: string | undefined }): Promise<Account> {
    return this.#inTurn('accounts', async () => {
      requireName(name);
      if (id !== undefined && !/^\d{12}$/.test(id))
        throw wrong('id', `'${id}' is no account: twelve digits are accepted`);
      this.#requireFree(name);
      if (id !== undefined && this.#accounts.has(id as AccountId))
        throw new PlatformError('already_exists', `the account ${id} is there already`, { field: 'id' });
      if (this.#accounts.size >= accountsMax)
        throw new PlatformError('conflict', `there are ${accountsMax} accounts, and no more are accepted`);
      return this.#put(this.#fresh((id as AccountId | undefined) ?? this.#newId(), name, this.#parts.clock.now()));
    });
  }

  /** Errors: `not_found`, `invalid_argument`, `already_exists` for a name that another has. */
  update(id: AccountId, change: AccountChange): Promise<Account> {
    return this.#inTurn('accounts', async () => {
      const account = this.#need(id);
      const { name, concurrencyMax, policies, isSuspended } = change;
      if (name !== undefined && name !== account.name) {
        requireName(name);
        this.#requireFree(name);
      }
      if (isSuspended === true && id === this.#parts.operator)
        throw wrong('isSuspended', "the operator's own account cannot be suspended");
      if (concurrencyMax !== undefined) requireConcurrency(concurrencyMax);
      if (policies !== undefined) requirePolicies(policies);
      return this.#put({ ...account, ...change });
    });
  }

  /** What it holds must be gone before. Errors: `not_found`, `invalid_argument` for the operator's own. */
  remove(id: AccountId): Promise<void> {
    return this.#inTurn('accounts', async () => {
      this.#need(id);
      if (id === this.#parts.operator) throw wrong('id', "the operator's own account cannot be removed");
      await this.#parts.records.transact([{ kind: 'delete', key: prefix + id }]);
      this.#accounts.delete(id);
    });
  }

  /** `dev` takes every twelve digits for an account, which is there from then on. */
  note(id: AccountId): Promise<unknown> | undefined {
    if (this.#accounts.has(id)) return undefined;
    // Seen at once, so that a second request does not make it again.
    const account = this.#fresh(id, id, this.#parts.clock.now());
    this.#accounts.set(id, account);
    return this.#put(account);
  }

  #fresh(id: AccountId, name: string, createdMs: number): Account {
    return { id, name, createdMs, isSuspended: false, concurrencyMax: limits.accountConcurrencyMax, policies: [] };
  }

  #need(id: AccountId): Account {
    const account = this.#accounts.get(id);
    if (account !== undefined) return account;
    throw new PlatformError('not_found', `there is no account ${id}; mayfly accounts ls shows those that are there`, {
      field: 'id',
    });
  }

  #requireFree(name: string): void {
    const taken = [...this.#accounts.values()].find((account) => account.name === name);
    if (taken !== undefined)
      throw new PlatformError('already_exists', `the account ${taken.id} is called '${name}' already`, {
        field: 'name',
      });
  }

  #newId(): AccountId {
    for (let tries = 0; tries < idTriesMax; tries += 1) {
      const id = String(
        Number(BigInt(`0x${this.#parts.ids.hex(8)}`) % 900_000_000_000n) + 100_000_000_000,
      ) as AccountId;
      if (!this.#accounts.has(id)) return id;
    }
    throw new Error(`invariant broken: ${idTriesMax} random account numbers are all taken`);
  }

  async #put(account: Account): Promise<Account> {
    await this.#parts.records.transact([{ kind: 'put', key: prefix + account.id, value: account }]);
    this.#accounts.set(account.id, account);
    return account;
  }
}

function requireName(name: string): void {
  if (!nameCharacters.test(name))
    throw wrong(
      'name',
      `'${name.slice(0, 80)}' is no name: 1 to 64 letters, digits, spaces, dots, - and _ are accepted`,
    );
}

function requireConcurrency(concurrencyMax: number): void {
  if (!Number.isInteger(concurrencyMax) || concurrencyMax < 0 || concurrencyMax > limits.accountConcurrencyMax)
    throw wrong('concurrencyMax', `${concurrencyMax} is not from 0 to ${limits.accountConcurrencyMax}`);
}

function requirePolicies(policies: readonly string[]): void {
  if (policies.length > policiesMax)
    throw wrong('policies', `${policies.length} policies; at most ${policiesMax} are accepted`);
  if (policies.some((text) => text.length > policyCharactersMax))
    throw wrong('policies', `a policy has more than ${policyCharactersMax} characters`);
}

const wrong = (field: string, message: string): PlatformError =>
  new PlatformError('invalid_argument', message, { field });
