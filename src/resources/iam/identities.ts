/**
 * The identities of each account: users, groups, roles, policies, keys. Read from memory; a change is on disk before it
 * counts. All changes of one account are made in turn, each as one transaction, so that what is looked at while a change
 * is made (how many policies are attached, whether anybody uses one) is so when it is made.
 *
 * It does not know what a policy means: that is identity/'s.
 */
import { scan, type Operation, type Records } from '../../store/records.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import { createInTurn, type InTurn } from '../../util/in-turn.ts';
import type { Sealer } from '../../util/sealer.ts';
import { awsManagedPolicies } from './aws-managed-policies.ts';
import {
  accessKeyPurpose,
  policyArn,
  roleArn,
  type AccessKey,
  type EntityKind,
  type EntityOf,
  type LastUse,
  type ManagedPolicy,
  type Role,
} from './iam-entities.ts';

export type IdentitiesParts = {
  records: Records;
  /** What secrets of keys are sealed with. */
  sealer: Sealer;
  clock: Clock;
  report: (message: string, cause: unknown) => void;
};

const kinds: readonly EntityKind[] = [
  'user',
  'group',
  'role',
  'policy',
  'instance-profile',
  'oidc-provider',
  'access-key',
  'settings',
  'last-use',
];

/** Uses are written this often at most: a key that signs each call would write with each. */
const usesWrittenEveryMs = 60_000;
/** Operations of one transaction. */
const writtenMax = 1_000;

/** Reads, and what a change is made of: nothing of it is seen before all of it is on disk. */
export type IdentityChange = IdentityReader & {
  put<Kind extends EntityKind>(kind: Kind, entity: EntityOf[Kind]): void;
  /** One that is not there is deleted, too. */
  delete(kind: EntityKind, name: string): void;
};

export type IdentityReader = {
  /** Names are compared without regard to case, as IAM's are. */
  get<Kind extends EntityKind>(kind: Kind, name: string): EntityOf[Kind] | undefined;
  /** By name. */
  list<Kind extends EntityKind>(kind: Kind): readonly EntityOf[Kind][];
};

export class Identities {
  readonly #parts: IdentitiesParts;
  readonly #inTurn: InTurn = createInTurn();
  readonly #entities = new Map<string, Map<string, EntityOf[EntityKind]>>();
  readonly #keys = new Map<string, AccessKey>();
  readonly #secrets = new WeakMap<AccessKey, string>();
  readonly #uses = new Map<string, LastUse>();
  readonly #watchers = new Set<() => void>();
  #writing: { cancel(): void } | undefined;
  #revision = 0;

  private constructor(parts: IdentitiesParts) {
    this.#parts = parts;
  }

  static async open(parts: IdentitiesParts): Promise<Identities> {
    const identities = new Identities(parts);
    for (const kind of kinds) {
      for await (const { value } of scan(parts.records, `iam-${kind}/`))
        identities.#hold(kind, value as EntityOf[EntityKind]);
    }
    return identities;
  }

  /** Another number after each change of what anybody may do. */
  get revision(): number {
    return this.#revision;
  }

  of(account: AccountId): IdentityReader {
    return {
      get: (kind, name) => this.#get(kind, account, name),
      list: (kind) => this.#list(kind, account),
    };
  }

  role(account: AccountId, name: string): Role | undefined {
    return this.#get('role', account, name);
  }

  /** Undefined also where the name is a role's and the path is not. */
  roleByArn(arn: string): Role | undefined {
    const [, account, name] = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
    const role = account === undefined ? undefined : this.role(account as AccountId, name ?? '');
    return role !== undefined && roleArn(role) === arn ? role : undefined;
  }

  /** An account's own, or one that every account has (`arn:aws:iam::aws:policy/AdministratorAccess`). */
  policyByArn(arn: string): ManagedPolicy | undefined {
    const provided = awsManagedPolicies.get(arn);
    if (provided !== undefined) return provided;
    const [, account, name] = /^arn:aws[a-z-]*:iam::(\d{12}):policy\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
    const policy = account === undefined ? undefined : this.#get('policy', account as AccountId, name ?? '');
    return policy !== undefined && policyArn(policy) === arn ? policy : undefined;
  }

  /** Of whatever account. */
  accessKey(accessKeyId: string): AccessKey | undefined {
    return this.#keys.get(accessKeyId);
  }

  /** Errors: `unavailable`, where the platform's key is not the one that it was sealed with. */
  secretOf(key: AccessKey): string {
    const known = this.#secrets.get(key);
    if (known !== undefined) return known;
    const secret = this.#parts.sealer.open(key.sealedSecret, accessKeyPurpose(key.name));
    this.#secrets.set(key, secret);
    return secret;
  }

  /** Reads and changes an account. What `change` throws leaves everything as it was. */
  change<Result>(account: AccountId, change: (draft: IdentityChange) => Result): Promise<Result> {
    return this.#inTurn(account, async () => {
      const puts = new Map<string, { kind: EntityKind; entity: EntityOf[EntityKind] | undefined; name: string }>();
      const result = change({
        get: (kind, name) => {
          const put = puts.get(keyOf(kind, account, name));
          return put === undefined ? this.#get(kind, account, name) : (put.entity as never);
        },
        list: (kind) => {
          const changed = [...puts.values()].filter((put) => put.kind === kind);
          if (changed.length === 0) return this.#list(kind, account);
          const names = new Set(changed.map(({ name }) => name.toLowerCase()));
          const rest = this.#list(kind, account).filter(({ name }) => !names.has(name.toLowerCase()));
          const made = changed.flatMap(({ entity }) => (entity === undefined ? [] : [entity as never]));
          return [...rest, ...made].toSorted(byName);
        },
        put: (kind, entity) => void puts.set(keyOf(kind, account, entity.name), { kind, entity, name: entity.name }),
        delete: (kind, name) => void puts.set(keyOf(kind, account, name), { kind, entity: undefined, name }),
      });
      if (puts.size === 0) return result;
      const operations = [...puts].map(([key, { entity }]): Operation =>
        entity === undefined ? { kind: 'delete', key } : { kind: 'put', key, value: entity },
      );
      if (operations.length > writtenMax) throw tooMuch(operations.length);
      await this.#parts.records.transact(operations);
      for (const { kind, entity, name } of puts.values()) {
        if (entity === undefined) this.#forget(kind, account, name);
        else this.#hold(kind, entity);
      }
      this.#revision += 1;
      for (const changed of this.#watchers) changed();
      return result;
    });
  }

  /** Calls back after each change of what anybody may do. */
  watch(changed: () => void): { stop(): void } {
    this.#watchers.add(changed);
    return { stop: () => void this.#watchers.delete(changed) };
  }

  /** Costs no write of its own: what is lost when the platform ends at once is a minute of this. `name`: as of LastUse. */
  noteUse(use: Omit<LastUse, 'atMs'>): void {
    const noted = { ...use, atMs: this.#parts.clock.now() };
    this.#uses.set(keyOf('last-use', use.account, use.name), noted);
    this.#writing ??= this.#parts.clock.schedule(usesWrittenEveryMs, () => {
      this.#writing = undefined;
      this.#writeUses().catch((error: unknown) => this.#parts.report('uses of keys cannot be kept', error));
    });
  }

  lastUse(account: AccountId, name: string): LastUse | undefined {
    return this.#uses.get(keyOf('last-use', account, name)) ?? this.#get('last-use', account, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#writing?.cancel();
    this.#writing = undefined;
    await this.#writeUses();
  }

  async #writeUses(): Promise<void> {
    const uses = [...this.#uses];
    for (let at = 0; at < uses.length; at += writtenMax) {
      const some = uses.slice(at, at + writtenMax);
      await this.#parts.records.transact(some.map(([key, value]) => ({ kind: 'put', key, value })));
      for (const [key, use] of some) {
        this.#hold('last-use', use);
        if (this.#uses.get(key) === use) this.#uses.delete(key);
      }
    }
  }

  #get<Kind extends EntityKind>(kind: Kind, account: AccountId, name: string): EntityOf[Kind] | undefined {
    const found = this.#entities.get(`${kind}/${account}`)?.get(name.toLowerCase());
    return found as EntityOf[Kind] | undefined;
  }

  #list<Kind extends EntityKind>(kind: Kind, account: AccountId): readonly EntityOf[Kind][] {
    const all = [...(this.#entities.get(`${kind}/${account}`)?.values() ?? [])] as EntityOf[Kind][];
    return all.toSorted(byName);
  }

  #hold(kind: EntityKind, entity: EntityOf[EntityKind]): void {
    const group = `${kind}/${entity.account}`;
    const held = this.#entities.get(group) ?? new Map<string, EntityOf[EntityKind]>();
    held.set(entity.name.toLowerCase(), entity);
    this.#entities.set(group, held);
    if (kind === 'access-key') this.#keys.set(entity.name, entity as AccessKey);
  }

  #forget(kind: EntityKind, account: AccountId, name: string): void {
    this.#entities.get(`${kind}/${account}`)?.delete(name.toLowerCase());
    if (kind === 'access-key') this.#keys.delete(name);
  }
}

const keyOf = (kind: EntityKind, account: AccountId, name: string): string =>
  `iam-${kind}/${account}/${name.toLowerCase()}`;

const byName = (a: { name: string }, b: { name: string }): number =>
  a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1;

const tooMuch = (count: number): PlatformError =>
  new PlatformError('invalid_argument', `one change touches ${count} identities; ${writtenMax} are accepted`);
