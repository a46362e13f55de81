/**
 * Schedules and their groups, kept. What is due when is next-due.ts; sending it is events/scheduler.ts, which moves a
 * schedule on (`moveOn`) in the transaction that undertakes the sending, so that each due time is undertaken once.
 */
import { isDeepStrictEqual } from 'node:util';
import { scan, type Operation, type Records } from '../../store/records.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import { createInTurn, type InTurn } from '../../util/in-turn.ts';
import { defaultGroup, type Scheduled, type ScheduledSettings, type ScheduleGroup } from './scheduled.ts';

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html */
const schedulesMax = 1_000_000;
const groupsMax = 500;
/** What is deleted in one transaction. */
const deletedMax = 1_000;

const schedulePrefix = 'scheduled/';
const groupPrefix = 'schedule-group/';

const scheduleKey = ({ account, group, name }: Pick<Scheduled, 'account' | 'group' | 'name'>): string =>
  `${schedulePrefix}${account}/${group}/${name}`;
const groupKey = (account: AccountId, name: string): string => `${groupPrefix}${account}/${name}`;

const isRepeated = (present: { clientToken?: string }, token: string | undefined): boolean =>
  token !== undefined && present.clientToken === token;

export class Schedules {
  readonly #records: Records;
  readonly #clock: Clock;
  readonly #inTurn: InTurn = createInTurn();
  readonly #schedules = new Map<string, Scheduled>();
  readonly #groups = new Map<string, ScheduleGroup>();
  readonly #watchers = new Set<() => void>();

  private constructor(parts: { records: Records; clock: Clock }) {
    this.#records = parts.records;
    this.#clock = parts.clock;
  }

  static async open(parts: { records: Records; clock: Clock }): Promise<Schedules> {
    const schedules = new Schedules(parts);
    for await (const { key, value } of scan(parts.records, schedulePrefix))
      schedules.#schedules.set(key, value as Scheduled);
    for await (const { key, value } of scan(parts.records, groupPrefix))
      schedules.#groups.set(key, value as ScheduleGroup);
    return schedules;
  }

  /** The default group is always there. */
  group(account: AccountId, name: string): ScheduleGroup | undefined {
    const found = this.#groups.get(groupKey(account, name));
    if (found !== undefined || name !== defaultGroup) return found;
    return { account, name, createdMs: 0, modifiedMs: 0, tags: {} };
  }

  needGroup(account: AccountId, name: string): ScheduleGroup {
    return this.group(account, name) ?? missing(`Schedule group ${name} does not exist.`);
  }

  /** By name. */
  groups(account: AccountId): readonly ScheduleGroup[] {
    const made = [...this.#groups.values()].filter((group) => group.account === account);
    const all = made.some(({ name }) => name === defaultGroup)
      ? made
      : [...made, this.needGroup(account, defaultGroup)];
    return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** `clientToken`: of a call that was made before with it, and whose answer was lost, this is the answer. */
  createGroup(
    account: AccountId,
    name: string,
    { tags, clientToken }: Pick<ScheduleGroup, 'tags' | 'clientToken'>,
  ): Promise<ScheduleGroup> {
    return this.#inTurn(groupKey(account, name), () => {
      const present = this.group(account, name);
      if (present !== undefined) {
        if (isRepeated(present, clientToken) && isDeepStrictEqual(present.tags, tags)) return Promise.resolve(present);
        throw taken(`Schedule group ${name} already exists.`);
      }
      if (this.groups(account).length >= groupsMax) throw tooMany(`${groupsMax} schedule groups`);
      const nowMs = this.#clock.now();
      const token = clientToken === undefined ? {} : { clientToken };
      return this.#putGroup({ account, name, createdMs: nowMs, modifiedMs: nowMs, tags, ...token });
    });
  }

  /** Throws `not_found`. */
  updateGroup(
    account: AccountId,
    name: string,
    change: (group: ScheduleGroup) => Pick<ScheduleGroup, 'tags'>,
  ): Promise<ScheduleGroup> {
    return this.#inTurn(groupKey(account, name), () => {
      const group = this.needGroup(account, name);
      return this.#putGroup({ ...group, ...change(group), modifiedMs: this.#clock.now() });
    });
  }

  /** With all its schedules. Throws `not_found`. */
  deleteGroup(account: AccountId, name: string): Promise<void> {
    return this.#inTurn(groupKey(account, name), async () => {
      this.needGroup(account, name);
      const keys = this.list(account, name).map(scheduleKey);
      for (let at = 0; at < keys.length; at += deletedMax) await this.#delete(keys.slice(at, at + deletedMax));
      await this.#records.transact([{ kind: 'delete', key: groupKey(account, name) }]);
      this.#groups.delete(groupKey(account, name));
    });
  }

  get(account: AccountId, group: string, name: string): Scheduled | undefined {
    return this.#schedules.get(scheduleKey({ account, group, name }));
  }

  need(account: AccountId, group: string, name: string): Scheduled {
    return this.get(account, group, name) ?? missing(`Schedule ${name} does not exist.`);
  }

  /** By group and name; of one group, or of all. */
  list(account: AccountId, group?: string): readonly Scheduled[] {
    const found: Scheduled[] = [];
    for (const one of this.#schedules.values())
      if (one.account === account && (group === undefined || one.group === group)) found.push(one);
    return found.toSorted((a, b) => (scheduleKey(a) < scheduleKey(b) ? -1 : 1));
  }

  /** Of every account. */
  all(): Iterable<Scheduled> {
    return this.#schedules.values();
  }

  /** `clientToken`: as for a group. */
  create(
    account: AccountId,
    group: string,
    name: string,
    settings: ScheduledSettings,
    clientToken?: string,
  ): Promise<Scheduled> {
    // In turn with the group: one that is being deleted gets no more.
    return this.#inTurn(groupKey(account, group), () => {
      this.needGroup(account, group);
      const present = this.get(account, group, name);
      if (present !== undefined) {
        const isSame = isRepeated(present, clientToken) && isDeepStrictEqual(present.settings, settings);
        if (isSame) return Promise.resolve(present);
        throw taken(`Schedule ${name} already exists.`);
      }
      if (this.#schedules.size >= schedulesMax) throw tooMany(`${schedulesMax} schedules`);
      const nowMs = this.#clock.now();
      const token = clientToken === undefined ? {} : { clientToken };
      return this.#put({ account, group, name, settings, createdMs: nowMs, countedFromMs: nowMs, ...token });
    });
  }

  /** Everything is as `settings` says, and counted from now. Throws `not_found`. */
  update(account: AccountId, group: string, name: string, settings: ScheduledSettings): Promise<Scheduled> {
    return this.#inTurn(scheduleKey({ account, group, name }), () => {
      const { createdMs } = this.need(account, group, name);
      return this.#put({ account, group, name, settings, createdMs, countedFromMs: this.#clock.now() });
    });
  }

  /** Throws `not_found`. */
  delete(account: AccountId, group: string, name: string): Promise<void> {
    return this.#inTurn(scheduleKey({ account, group, name }), () =>
      this.#delete([scheduleKey(this.need(account, group, name))]),
    );
  }

  /**
   * That due time is dealt with: `more` happens in the same transaction. `isOver`: nothing comes after it, and it goes.
   * False: it has changed meanwhile, and nothing was done.
   */
  moveOn(before: Scheduled, firedMs: number, isOver: boolean, more: readonly Operation[]): Promise<boolean> {
    const key = scheduleKey(before);
    return this.#inTurn(key, async () => {
      if (this.#schedules.get(key) !== before) return false;
      if (isOver) await this.#delete([key], more);
      else await this.#put({ ...before, firedMs }, more);
      return true;
    });
  }

  /** Calls back when a schedule was made, changed, moved on or deleted. */
  watch(changed: () => void): { stop(): void } {
    this.#watchers.add(changed);
    return { stop: () => void this.#watchers.delete(changed) };
  }

  async #put(scheduled: Scheduled, more: readonly Operation[] = []): Promise<Scheduled> {
    const key = scheduleKey(scheduled);
    await this.#records.transact([{ kind: 'put', key, value: scheduled }, ...more]);
    this.#schedules.set(key, scheduled);
    this.#changed();
    return scheduled;
  }

  async #delete(keys: readonly string[], more: readonly Operation[] = []): Promise<void> {
    await this.#records.transact([...keys.map((key) => ({ kind: 'delete' as const, key })), ...more]);
    for (const key of keys) this.#schedules.delete(key);
    this.#changed();
  }

  async #putGroup(group: ScheduleGroup): Promise<ScheduleGroup> {
    const key = groupKey(group.account, group.name);
    await this.#records.transact([{ kind: 'put', key, value: group }]);
    this.#groups.set(key, group);
    return group;
  }

  #changed(): void {
    for (const changed of this.#watchers) changed();
  }
}

function missing(message: string): never {
  throw new PlatformError('not_found', message, { reason: 'ResourceNotFoundException' });
}

const taken = (message: string): PlatformError =>
  new PlatformError('already_exists', message, { reason: 'ConflictException' });

const tooMany = (what: string): PlatformError =>
  new PlatformError('conflict', `The request exceeds the service quota of ${what}.`, {
    reason: 'ServiceQuotaExceededException',
  });
