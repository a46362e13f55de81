/**
 * What was used of what somebody may: for each function, role and user the actions that were allowed, and on what. Counted
 * in memory, where calls are; written in batches afterwards, so that a call pays for a look into a map.
 *
 * It is bounded: objects count by the first folder of their key, folders of one bucket beyond a few as the bucket's all, and
 * of who uses more kinds of things than a policy can name, as all of the service's.
 */
import { scan, type Operation, type Records } from '../store/records.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { AccountId } from '../util/ids.ts';
import { hash } from 'node:crypto';

/** `function/NAME`, `role/NAME`, `user/NAME`. */
export type PermissionHolder = `${'function' | 'role' | 'user'}/${string}`;

export type UsedPermission = {
  account: AccountId;
  holder: PermissionHolder;
  /** `s3:GetObject`. */
  action: string;
  /** An ARN, `*`, or a pattern where many were used: `arn:aws:s3:::pics/in/*`. */
  resource: string;
  count: number;
  firstMs: number;
  lastMs: number;
};

/** What a crash can lose of new ones; counts and times are written with them. */
const writtenAfterMs = 2_000;
/** After a disk that refused. */
const retryMs = 10_000;
/** Operations of one transaction. */
const writtenMax = 1_000;
/** Kinds of use of one holder that are told apart: more than fit into the policies of a role. */
const usesMax = 500;
/** Folders of one bucket that are told apart, for each action. */
const foldersMax = 20;

export type UsedPermissionsParts = {
  records: Records;
  clock: Clock;
  report: (message: string, cause: unknown) => void;
};

type Uses = Map<string, UsedPermission>;

export class UsedPermissions implements AsyncDisposable {
  readonly #parts: UsedPermissionsParts;
  readonly #holders = new Map<AccountId, Map<PermissionHolder, Uses>>();
  #changed = new Set<UsedPermission>();
  #forgotten: string[] = [];
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(parts: UsedPermissionsParts) {
    this.#parts = parts;
  }

  static async open(parts: UsedPermissionsParts): Promise<UsedPermissions> {
    const opened = new UsedPermissions(parts);
    for await (const { value } of scan(parts.records, prefix)) {
      const used = value as UsedPermission;
      opened.#usesOf(used.account, used.holder).set(nameOf(used), used);
    }
    return opened;
  }

  /** Allowed, and so used. */
  note(account: AccountId, holder: PermissionHolder, action: string, resource: string): void {
    const uses = this.#usesOf(account, holder);
    const folded = folderOf(resource);
    const nowMs = this.#parts.clock.now();
    const known = uses.get(`${action} ${folded}`) ?? this.#wider(uses, action, folded);
    const used = known ?? { account, holder, action, resource: folded, count: 0, firstMs: nowMs, lastMs: nowMs };
    if (known === undefined) uses.set(nameOf(used), used);
    used.count += 1;
    used.lastMs = nowMs;
    this.#changed.add(used);
    this.#timer ??= this.#parts.clock.schedule(writtenAfterMs, () => this.#writeLater());
  }

  /** By action and resource. */
  list(account: AccountId, holder: PermissionHolder): UsedPermission[] {
    const uses = [...(this.#holders.get(account)?.get(holder)?.values() ?? [])];
    return uses.map((used) => ({ ...used })).toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  /** It is gone: another of its name begins anew. */
  forget(account: AccountId, holder: PermissionHolder): void {
    const uses = this.#holders.get(account)?.get(holder);
    if (uses === undefined) return;
    this.#holders.get(account)?.delete(holder);
    for (const used of uses.values()) {
      this.#changed.delete(used);
      this.#forgotten.push(keyOf(used));
    }
    this.#timer ??= this.#parts.clock.schedule(writtenAfterMs, () => this.#writeLater());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel();
    await this.#writing;
    await this.#write();
  }

  #usesOf(account: AccountId, holder: PermissionHolder): Uses {
    const holders = this.#holders.get(account) ?? new Map<PermissionHolder, Uses>();
    this.#holders.set(account, holders);
    const uses = holders.get(holder) ?? new Map<string, UsedPermission>();
    holders.set(holder, uses);
    return uses;
  }

  /** What a new kind of use is counted with where there are too many; undefined: by itself. */
  #wider(uses: Uses, action: string, resource: string): UsedPermission | undefined {
    const bucket = /^(arn:aws:s3:::[^/]+\/).+\/\*$/.exec(resource)?.[1];
    if (bucket !== undefined) {
      const folders = [...uses.values()].filter((one) => one.action === action && one.resource.startsWith(bucket));
      if (folders.length >= foldersMax) return this.#as(uses, action, `${bucket}*`);
    }
    return uses.size >= usesMax ? this.#as(uses, action, serviceOf(resource)) : undefined;
  }

  #as(uses: Uses, action: string, resource: string): UsedPermission | undefined {
    const known = uses.get(`${action} ${resource}`);
    if (known !== undefined) return known;
    const [any] = uses.values();
    if (any === undefined) return undefined;
    const { account, holder } = any;
    const nowMs = this.#parts.clock.now();
    const used = { account, holder, action, resource, count: 0, firstMs: nowMs, lastMs: nowMs };
    uses.set(nameOf(used), used);
    return used;
  }

  #writeLater(): void {
    this.#timer = undefined;
    this.#writing = this.#writing
      .then(() => this.#write())
      .catch((error: unknown) => {
        this.#parts.report('what was used of permissions cannot be kept', error);
        this.#timer ??= this.#parts.clock.schedule(retryMs, () => this.#writeLater());
      });
  }

  async #write(): Promise<void> {
    while (this.#forgotten.length > 0 || this.#changed.size > 0) {
      const forgotten = this.#forgotten.slice(0, writtenMax);
      const changed = [...this.#changed].slice(0, writtenMax - forgotten.length);
      // What is used meanwhile is written the next time.
      for (const used of changed) this.#changed.delete(used);
      const operations: Operation[] = [
        ...forgotten.map((key) => ({ kind: 'delete', key }) as const),
        ...changed.map((used) => ({ kind: 'put', key: keyOf(used), value: { ...used } }) as const),
      ];
      try {
        await this.#parts.records.transact(operations);
      } catch (error) {
        for (const used of changed) this.#changed.add(used);
        throw error;
      }
      this.#forgotten = this.#forgotten.slice(forgotten.length);
    }
  }
}

const prefix = 'used-permission/';

const nameOf = ({ action, resource }: Pick<UsedPermission, 'action' | 'resource'>): string => `${action} ${resource}`;

/** Names of objects have any length: keys of records do not. */
const keyOf = (used: UsedPermission): string =>
  `${prefix}${used.account}/${used.holder}/${hash('sha256', nameOf(used)).slice(0, 32)}`;

const objects = 'arn:aws:s3:::';

/** Objects by the first folder of their key, or their bucket. */
function folderOf(resource: string): string {
  if (!resource.startsWith(objects)) return resource;
  const keyAt = resource.indexOf('/', objects.length);
  if (keyAt < 0) return resource;
  const folderEnd = resource.indexOf('/', keyAt + 1);
  return `${resource.slice(0, (folderEnd < 0 ? keyAt : folderEnd) + 1)}*`;
}

/** `arn:aws:sqs:us-east-1:000000000000:*` */
const serviceOf = (resource: string): string =>
  resource === '*' ? resource : `${resource.split(':').slice(0, 5).join(':')}:*`;
