/** The keys of every account, kept, with their aliases. Grants are grants.ts; when a key is rotated or goes is upkeep.ts. */
import { scan, type Operation, type Records } from '../../store/records.ts';
import { parseArn } from '../../util/arn.ts';
import type { Clock } from '../../util/clock.ts';
import type { AccountId, Ids } from '../../util/ids.ts';
import { createInTurn, type InTurn } from '../../util/in-turn.ts';
import type { Sealer } from '../../util/sealer.ts';
import type { Key, KeyAlias, KeyMaterial } from '../key.ts';
import { generatePair } from './asymmetric.ts';
import {
  aliasTaken,
  disabledKey,
  invalidCiphertext,
  invalidState,
  keyConflict,
  keyLimit,
  keyNotFound,
  unsupportedKeyOperation,
} from './key-errors.ts';
import { specOf, type KeySpec, type KeyUsage } from './key-specs.ts';
import { managedKeyPolicy } from './managed-key-policy.ts';

/** https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html */
const keysMax = 100_000;
const aliasesOfKeyMax = 50;
/** https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-on-demand.html */
const onDemandMax = 25;

const keyPrefix = 'kms-key/';
const aliasPrefix = 'kms-alias/';
export const grantPrefix = 'kms-grant/';
const dayMs = 86_400_000;

const keyOf = ({ account, id }: Pick<Key, 'account' | 'id'>): string => `${keyPrefix}${account}/${id}`;
const aliasOf = (account: AccountId, name: string): string => `${aliasPrefix}${account}/${name}`;

type Parts = { records: Records; clock: Clock; ids: Ids; region: string; sealer: Sealer };

export type NewKey = {
  spec: KeySpec;
  usage: KeyUsage;
  description: string;
  policy: string;
  tags: Readonly<Record<string, string>>;
};

export class Keys {
  readonly #parts: Parts;
  readonly #inTurn: InTurn = createInTurn();
  /** By id, which is one of all accounts'. */
  readonly #keys = new Map<string, Key>();
  readonly #aliases = new Map<string, KeyAlias>();
  /** Where the aliases of a key are: every use of one asks for them. */
  readonly #placesOfKeys = new Map<string, Set<string>>();
  readonly #watchers = new Set<() => void>();

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async open(parts: Parts): Promise<Keys> {
    const keys = new Keys(parts);
    for await (const { value } of scan(parts.records, keyPrefix)) {
      const key = value as Key;
      keys.#keys.set(key.id, key);
    }
    for await (const { value } of scan(parts.records, aliasPrefix)) keys.#holdAlias(value as KeyAlias);
    return keys;
  }

  arnOf({ account, id }: Pick<Key, 'account' | 'id'>): string {
    return `arn:aws:kms:${this.#parts.region}:${account}:key/${id}`;
  }

  aliasArnOf({ account, name }: Pick<KeyAlias, 'account' | 'name'>): string {
    return `arn:aws:kms:${this.#parts.region}:${account}:${name}`;
  }

  byId(id: string): Key | undefined {
    return this.#keys.get(id);
  }

  /** In the order of their ids. */
  list(account: AccountId): readonly Key[] {
    return [...this.#keys.values()].filter((key) => key.account === account).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Of every account. */
  all(): Iterable<Key> {
    return this.#keys.values();
  }

  /**
   * `reference`: an id, an ARN, an alias (`alias/…`) or an alias's ARN; `account` is whose the first and the third are.
   * Throws `not_found`.
   */
  need(account: AccountId, reference: string): Key {
    const arn = parseArn(reference);
    if (reference.startsWith('arn:') && (arn?.service !== 'kms' || arn.region !== this.#parts.region))
      throw keyNotFound(`Invalid arn ${arn?.region ?? reference}`);
    const name = arn?.resource ?? reference;
    const owner = (arn?.account ?? account) as AccountId;
    if (name.startsWith('alias/')) {
      const alias = this.#aliases.get(aliasOf(owner, name));
      const key = alias === undefined ? undefined : this.#keys.get(alias.keyId);
      if (key === undefined) throw keyNotFound(`Alias ${this.aliasArnOf({ account: owner, name })} is not found.`);
      return key;
    }
    const id = arn === undefined ? name : name.replace(/^key\//, '');
    const key = this.#keys.get(id);
    if (key?.account === owner) return key;
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^mrk-/.test(id)) throw keyNotFound(`Invalid keyId '${id}'`);
    throw keyNotFound(`Key '${this.arnOf({ account: owner, id })}' does not exist`);
  }

  /** Throws where it may not be used now. */
  requireUsable(key: Key): void {
    if (key.state.kind === 'disabled') throw disabledKey(`${this.arnOf(key)} is disabled.`);
    if (key.state.kind === 'pending_deletion') throw invalidState(`${this.arnOf(key)} is pending deletion.`);
  }

  /** The secret bytes of one of its materials, which `materialId` begins the name of; absent: the current one. */
  material(key: Key, materialId?: string): { id: string; bytes: Buffer } {
    const found =
      materialId === undefined ? key.materials.at(-1) : key.materials.find(({ id }) => id.startsWith(materialId));
    if (found === undefined) throw invalidCiphertext();
    return {
      id: found.id,
      bytes: Buffer.from(this.#parts.sealer.open(found.sealed, purposeOf(key, found.id)), 'base64'),
    };
  }

  async create(account: AccountId, given: NewKey): Promise<Key> {
    if (this.list(account).length >= keysMax) throw keyLimit(`The account has ${keysMax} keys already.`);
    return this.#put(await this.#make({ ...given, account, manager: 'CUSTOMER' }));
  }

  /** The key that a service (`s3`) has for itself in an account: made on first use, rotated every year. */
  managed(account: AccountId, service: string): Promise<Key> {
    const name = `alias/aws/${service}`;
    const at = aliasOf(account, name);
    return this.#inTurn(at, async () => {
      const alias = this.#aliases.get(at);
      const present = alias === undefined ? undefined : this.#keys.get(alias.keyId);
      if (present !== undefined) return present;
      const made = await this.#make({
        account,
        spec: 'SYMMETRIC_DEFAULT',
        usage: 'ENCRYPT_DECRYPT',
        description: `Default key that protects my ${service} data when no other key is defined`,
        policy: managedKeyPolicy({ account, service, region: this.#parts.region }),
        tags: {},
        manager: 'AWS',
      });
      const nowMs = made.createdMs;
      const key: Key = { ...made, rotation: { periodDays: 365, nextMs: nowMs + 365 * dayMs } };
      const madeAlias: KeyAlias = { account, name, keyId: key.id, createdMs: nowMs, modifiedMs: nowMs };
      await this.#put(key, [{ kind: 'put', key: at, value: madeAlias }]);
      this.#holdAlias(madeAlias);
      return key;
    });
  }

  /** Throws `not_found`, and what `change` throws. */
  update(id: string, change: (key: Key) => Partial<Omit<Key, 'account' | 'id' | 'materials'>>): Promise<Key> {
    return this.#inTurn(id, () => {
      const key = this.#needId(id);
      return this.#put({ ...key, ...change(key) });
    });
  }

  /** Whose rotation was switched off loses it. */
  stopRotating(id: string): Promise<Key> {
    return this.#inTurn(id, () => {
      const { rotation: _rotation, ...key } = this.#needId(id);
      return this.#put(key);
    });
  }

  /** A new material that encrypts from now on; the others still decrypt. Answers the key as it was where it is not due any more. */
  rotate(id: string, how: 'automatic' | 'on_demand'): Promise<Key> {
    return this.#inTurn(id, () => {
      const key = this.#needId(id);
      const nowMs = this.#parts.clock.now();
      const { rotation } = key;
      if (how === 'automatic' && (rotation === undefined || rotation.nextMs > nowMs)) return Promise.resolve(key);
      if (how === 'on_demand' && key.materials.filter((one) => one.how === how).length >= onDemandMax)
        throw keyLimit(`${this.arnOf(key)} was rotated on demand ${onDemandMax} times, which is the most.`);
      const next = rotation && { ...rotation, nextMs: nowMs + rotation.periodDays * dayMs };
      const material = this.#seal(key, Buffer.from(this.#parts.ids.hex(32), 'hex'), nowMs, how);
      return this.#put({
        ...key,
        materials: [...key.materials, material],
        ...(how === 'automatic' && next !== undefined && { rotation: next }),
      });
    });
  }

  /** With its aliases and grants, at once and for good, if that is due. */
  remove(id: string): Promise<void> {
    return this.#inTurn(id, async () => {
      const key = this.#needId(id);
      if (key.state.kind !== 'pending_deletion' || key.state.atMs > this.#parts.clock.now()) return;
      const aliases = this.aliases(key.account, id).map(({ name }) => aliasOf(key.account, name));
      const grants = await keysUnder(this.#parts.records, `${grantPrefix}${key.account}/${id}/`);
      const gone: Operation[] = [keyOf(key), ...aliases].map((name) => ({ kind: 'delete', key: name }));
      // The key last: what is left of a crash before it is removed the next time.
      for (let at = 0; at < grants.length; at += 1_000)
        await this.#parts.records.transact(
          grants.slice(at, at + 1_000).map((name) => ({ kind: 'delete' as const, key: name })),
        );
      await this.#parts.records.transact(gone);
      this.#keys.delete(id);
      for (const name of aliases) this.#releaseAlias(name);
      this.#changed();
    });
  }

  /** By name; of one key, or of all. */
  aliases(account: AccountId, keyId?: string): readonly KeyAlias[] {
    const found =
      keyId === undefined
        ? [...this.#aliases.values()]
        : [...(this.#placesOfKeys.get(keyId) ?? [])].flatMap((at) => this.#aliases.get(at) ?? []);
    return found.filter((alias) => alias.account === account).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  alias(account: AccountId, name: string): KeyAlias | undefined {
    return this.#aliases.get(aliasOf(account, name));
  }

  createAlias(key: Key, name: string): Promise<KeyAlias> {
    const at = aliasOf(key.account, name);
    return this.#inTurn(at, () => {
      const taken = this.#aliases.get(at);
      if (taken !== undefined) throw aliasTaken(`An alias with the name ${this.aliasArnOf(taken)} already exists`);
      this.#requireRoomForAlias(key);
      const nowMs = this.#parts.clock.now();
      return this.#putAlias({ account: key.account, name, keyId: key.id, createdMs: nowMs, modifiedMs: nowMs });
    });
  }

  /** Throws `not_found`. */
  pointAlias(key: Key, name: string): Promise<KeyAlias> {
    return this.#inTurn(aliasOf(key.account, name), () => {
      const alias = this.needAlias(key.account, name);
      const before = this.#keys.get(alias.keyId);
      if (before !== undefined && (before.spec !== key.spec || before.usage !== key.usage))
        throw unsupportedKeyOperation('An alias can point to another key of the same type and usage only.');
      this.#requireRoomForAlias(key);
      return this.#putAlias({ ...alias, keyId: key.id, modifiedMs: this.#parts.clock.now() });
    });
  }

  /** Throws `not_found`. */
  removeAlias(account: AccountId, name: string): Promise<void> {
    const at = aliasOf(account, name);
    return this.#inTurn(at, async () => {
      this.needAlias(account, name);
      await this.#parts.records.transact([{ kind: 'delete', key: at }]);
      this.#releaseAlias(at);
    });
  }

  needAlias(account: AccountId, name: string): KeyAlias {
    const alias = this.alias(account, name);
    if (alias === undefined) throw keyNotFound(`Alias ${this.aliasArnOf({ account, name })} is not found.`);
    return alias;
  }

  /** Calls back when a key was made, changed or removed. */
  watch(changed: () => void): { stop(): void } {
    this.#watchers.add(changed);
    return { stop: () => void this.#watchers.delete(changed) };
  }

  #needId(id: string): Key {
    const key = this.#keys.get(id);
    if (key === undefined) throw keyConflict(`The key ${id} is gone.`);
    return key;
  }

  #requireRoomForAlias(key: Key): void {
    if (this.aliases(key.account, key.id).length >= aliasesOfKeyMax)
      throw keyLimit(`${this.arnOf(key)} has ${aliasesOfKeyMax} aliases already.`);
  }

  async #make(given: NewKey & { account: AccountId; manager: Key['manager'] }): Promise<Key> {
    const { ids, clock } = this.#parts;
    const named = { account: given.account, id: ids.uuid() };
    const pair = await generatePair(given.spec);
    const { form } = specOf(given.spec);
    const secret = pair?.privateDer ?? Buffer.from(ids.hex(form.kind === 'random' ? form.bytes : 0), 'hex');
    const createdMs = clock.now();
    return {
      ...named,
      createdMs,
      description: given.description,
      spec: given.spec,
      usage: given.usage,
      state: { kind: 'enabled' },
      manager: given.manager,
      tags: given.tags,
      policy: given.policy,
      materials: [this.#seal(named, secret, createdMs, 'created')],
      ...(pair !== undefined && { publicKey: pair.publicDer.toString('base64') }),
    };
  }

  #seal(key: Pick<Key, 'account' | 'id'>, secret: Buffer, createdMs: number, how: KeyMaterial['how']): KeyMaterial {
    const id = this.#parts.ids.hex(32);
    return { id, sealed: this.#parts.sealer.seal(secret.toString('base64'), purposeOf(key, id)), createdMs, how };
  }

  async #put(key: Key, more: readonly Operation[] = []): Promise<Key> {
    await this.#parts.records.transact([{ kind: 'put', key: keyOf(key), value: key }, ...more]);
    this.#keys.set(key.id, key);
    this.#changed();
    return key;
  }

  async #putAlias(alias: KeyAlias): Promise<KeyAlias> {
    const key = aliasOf(alias.account, alias.name);
    await this.#parts.records.transact([{ kind: 'put', key, value: alias }]);
    this.#holdAlias(alias);
    return alias;
  }

  #holdAlias(alias: KeyAlias): void {
    const at = aliasOf(alias.account, alias.name);
    this.#releaseAlias(at);
    this.#aliases.set(at, alias);
    const ofKey = this.#placesOfKeys.get(alias.keyId) ?? new Set<string>();
    this.#placesOfKeys.set(alias.keyId, ofKey.add(at));
  }

  #releaseAlias(at: string): void {
    const alias = this.#aliases.get(at);
    if (alias === undefined) return;
    this.#aliases.delete(at);
    const ofKey = this.#placesOfKeys.get(alias.keyId);
    ofKey?.delete(at);
    if (ofKey?.size === 0) this.#placesOfKeys.delete(alias.keyId);
  }

  #changed(): void {
    for (const changed of this.#watchers) changed();
  }
}

async function keysUnder(records: Records, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of scan(records, prefix)) found.push(key);
  return found;
}

const purposeOf = ({ account, id }: Pick<Key, 'account' | 'id'>, materialId: string): string =>
  `key ${account}/${id} material ${materialId}`;
