/**
 * Event buses: what is put on one is held against its rules, and goes to the targets of those that match.
 *
 * The engine keeps buses, rules, archives, replays, connections and API destinations, and accepts events; an event that it
 * has answered for is on disk. What follows from it is decided when it is read from the log (`busEventsTopic`), which is
 * events/bus.ts. Everything is read from memory and written to disk before it counts; changes of one thing are made in
 * turn.
 */
import type { Log } from '../../store/log.ts';
import { scan, type Operation, type Records } from '../../store/records.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId, Ids } from '../../util/ids.ts';
import { ApiDestinations } from './api-destinations.ts';
import { busEventsTopic, type BusEvent, type PutEvent } from './bus-event.ts';
import { archiveEventsPrefix, defaultBus, type Archive, type EventBus, type Replay } from './event-bus.ts';
import { byName, missing, NamedThings, taken } from './named-things.ts';
import { ruleLimits, type Rule, type Target } from './rule.ts';

export type EventBusesParts = { records: Records; log: Log; clock: Clock; ids: Ids };

/** What is deleted in one transaction. */
const deletedMax = 1_000;

const rulePrefix = 'bus-rule/';
const ruleKey = ({ account, bus, name }: Pick<Rule, 'account' | 'bus' | 'name'>): string =>
  `${rulePrefix}${account}/${bus}/${name}`;

type Changes = Set<() => void>;
/** By account and bus, then by name. */
type Grouped<Thing> = Map<string, Map<string, Thing>>;

type Kept = {
  buses: NamedThings<EventBus>;
  archives: NamedThings<Archive>;
  archivesOf: Grouped<Archive>;
  replays: NamedThings<Replay>;
  apis: ApiDestinations;
  changes: Changes;
};

export class EventBuses {
  readonly #parts: EventBusesParts;
  readonly #buses: NamedThings<EventBus>;
  readonly #archives: NamedThings<Archive>;
  readonly #replays: NamedThings<Replay>;
  /** By account and bus: what an event is held against. */
  readonly #rulesOf: Grouped<Rule> = new Map();
  readonly #archivesOf: Grouped<Archive>;
  readonly #changes: Changes;
  /** What targets may call. Who watches the buses hears of its changes, too. */
  readonly apis: ApiDestinations;

  private constructor(parts: EventBusesParts, kept: Kept) {
    this.#parts = parts;
    this.#buses = kept.buses;
    this.#archives = kept.archives;
    this.#archivesOf = kept.archivesOf;
    this.#replays = kept.replays;
    this.#changes = kept.changes;
    this.apis = kept.apis;
  }

  static async open(parts: EventBusesParts): Promise<EventBuses> {
    const { records } = parts;
    const changes: Changes = new Set();
    const changed = (): void => tell(changes);
    const archivesOf: Grouped<Archive> = new Map();
    const group = (): void => {
      archivesOf.clear();
      for (const archive of archives.all()) intoGroup(archivesOf, archive);
    };
    const archives = await NamedThings.open<Archive>({
      kind: 'bus-archive',
      records,
      changed: () => {
        group();
        changed();
      },
    });
    group();
    const buses = new EventBuses(parts, {
      buses: await NamedThings.open({ kind: 'bus', records, changed }),
      archives,
      archivesOf,
      replays: await NamedThings.open({ kind: 'bus-replay', records, changed }),
      apis: await ApiDestinations.open({ records, changed }),
      changes,
    });
    for await (const { value } of scan(records, rulePrefix)) intoGroup(buses.#rulesOf, value as Rule);
    return buses;
  }

  /** The default bus is always there. */
  bus(account: AccountId, name: string): EventBus | undefined {
    const found = this.#buses.get(account, name);
    if (found !== undefined || name !== defaultBus) return found;
    return { account, name, createdMs: 0, modifiedMs: 0, tags: {}, life: `${account}/${defaultBus}` };
  }

  /** By name. */
  buses(account: AccountId): readonly EventBus[] {
    const all = this.#buses.list(account);
    if (all.some(({ name }) => name === defaultBus)) return all;
    return [this.needBus(account, defaultBus), ...all].toSorted(byName);
  }

  needBus(account: AccountId, name: string): EventBus {
    return this.bus(account, name) ?? missing(`Event bus ${name} does not exist.`);
  }

  createBus(
    account: AccountId,
    name: string,
    made: Pick<EventBus, 'description' | 'deadLetterQueue' | 'kmsKey' | 'tags' | 'application'>,
  ): Promise<EventBus> {
    return this.#buses.inTurn(account, name, async () => {
      if (this.bus(account, name) !== undefined) throw taken(`Event bus ${name} already exists.`);
      this.#buses.checkCount(account, ruleLimits.busesMax - 1, 'event buses');
      const nowMs = this.#parts.clock.now();
      const bus: EventBus = {
        ...made,
        account,
        name,
        createdMs: nowMs,
        modifiedMs: nowMs,
        life: `${account}/${name}/${this.#parts.ids.hex(8)}`,
      };
      return this.#buses.put(bus);
    });
  }

  /** `change` answers what is different. Throws `not_found`. */
  updateBus(account: AccountId, name: string, change: (bus: EventBus) => Partial<EventBus>): Promise<EventBus> {
    return this.#buses.inTurn(account, name, () => {
      const bus = this.needBus(account, name);
      return this.#buses.put({ ...bus, ...change(bus), modifiedMs: this.#parts.clock.now() });
    });
  }

  /** Deletes a bus that has no rules. One that is not there is no error, as with EventBridge. */
  deleteBus(account: AccountId, name: string): Promise<void> {
    return this.#buses.inTurn(account, name, async () => {
      if (this.rules(account, name).length > 0) {
        throw new PlatformError('invalid_argument', "Event bus can't be deleted since it has rules.", {
          reason: 'ValidationException',
        });
      }
      await this.#buses.delete(account, name);
    });
  }

  rule(account: AccountId, bus: string, name: string): Rule | undefined {
    return this.#rulesOf.get(`${account}/${bus}`)?.get(name);
  }

  needRule(account: AccountId, bus: string, name: string): Rule {
    return this.rule(account, bus, name) ?? missing(`Rule ${name} does not exist on EventBus ${bus}.`);
  }

  /** By name. */
  rules(account: AccountId, bus: string): readonly Rule[] {
    return [...(this.#rulesOf.get(`${account}/${bus}`)?.values() ?? [])].toSorted(byName);
  }

  /** Of every account and bus. */
  allRules(): readonly Rule[] {
    return [...this.#rulesOf.values()].flatMap((rules) => [...rules.values()]);
  }

  /** `change` gets the rule that is there; its targets stay unless it says otherwise. Throws `not_found` for the bus. */
  putRule(
    account: AccountId,
    bus: string,
    name: string,
    change: (
      present: Rule | undefined,
    ) => Omit<Rule, 'account' | 'bus' | 'name' | 'targets' | 'createdMs' | 'countedFromMs' | 'firedMs'>,
  ): Promise<Rule> {
    return this.#changeRule(account, bus, name, () => {
      this.needBus(account, bus);
      const present = this.rule(account, bus, name);
      if (present === undefined && this.rules(account, bus).length >= ruleLimits.rulesMax) {
        throw new PlatformError(
          'conflict',
          `The event bus ${bus} has ${ruleLimits.rulesMax} rules, and no more are accepted.`,
          { reason: 'LimitExceededException' },
        );
      }
      const nowMs = this.#parts.clock.now();
      const { targets = [], createdMs = nowMs } = present ?? {};
      return { ...change(present), account, bus, name, targets, createdMs, countedFromMs: nowMs, firedMs: nowMs };
    });
  }

  /** Throws `not_found`. */
  updateRule(account: AccountId, bus: string, name: string, change: (rule: Rule) => Partial<Rule>): Promise<Rule> {
    return this.#changeRule(account, bus, name, () => {
      const rule = this.needRule(account, bus, name);
      return { ...rule, ...change(rule) };
    });
  }

  /** That due time of its schedule is dealt with: `more` happens in the same transaction, unless it has changed meanwhile. */
  moveRuleOn(before: Rule, firedMs: number, more: readonly Operation[]): Promise<void> {
    const { account, bus, name } = before;
    return this.#buses.inTurn(account, bus, async () => {
      if (this.rule(account, bus, name) === before) await this.#putRule({ ...before, firedMs }, more);
    });
  }

  /** Those of the same id are replaced. Throws `not_found`, and `conflict` for too many. */
  putTargets(account: AccountId, bus: string, name: string, targets: readonly Target[]): Promise<Rule> {
    return this.updateRule(account, bus, name, (rule) => {
      const byId = new Map([...rule.targets, ...targets].map((target) => [target.id, target]));
      if (byId.size > ruleLimits.targetsMax) {
        throw new PlatformError(
          'conflict',
          `The requested resource exceeds the maximum number allowed: a rule has at most ${ruleLimits.targetsMax} targets.`,
          { reason: 'LimitExceededException' },
        );
      }
      return { targets: [...byId.values()] };
    });
  }

  /** One that still has targets is not deleted. One that is not there is no error, as with EventBridge. */
  deleteRule(account: AccountId, bus: string, name: string): Promise<void> {
    return this.#buses.inTurn(account, bus, async () => {
      const rule = this.rule(account, bus, name);
      if (rule === undefined) return;
      if (rule.targets.length > 0) {
        throw new PlatformError('invalid_argument', "Rule can't be deleted since it has targets.", {
          reason: 'ValidationException',
        });
      }
      await this.#parts.records.transact([{ kind: 'delete', key: ruleKey(rule) }]);
      this.#rulesOf.get(`${account}/${bus}`)?.delete(name);
      tell(this.#changes);
    });
  }

  archive(account: AccountId, name: string): Archive | undefined {
    return this.#archives.get(account, name);
  }

  archives(account: AccountId): readonly Archive[] {
    return this.#archives.list(account);
  }

  allArchives(): readonly Archive[] {
    return [...this.#archivesOf.values()].flatMap((archives) => [...archives.values()]);
  }

  archivesOf(account: AccountId, bus: string): readonly Archive[] {
    return [...(this.#archivesOf.get(`${account}/${bus}`)?.values() ?? [])];
  }

  needArchive(account: AccountId, name: string): Archive {
    return this.archive(account, name) ?? missing(`Archive ${name} does not exist.`);
  }

  createArchive(archive: Omit<Archive, 'createdMs' | 'life'>): Promise<Archive> {
    const { account, name, bus } = archive;
    return this.#archives.inTurn(account, name, () => {
      this.needBus(account, bus);
      if (this.archive(account, name) !== undefined) throw taken(`Archive ${name} already exists.`);
      this.#archives.checkCount(account, ruleLimits.archivesMax, 'archives');
      const { clock, ids } = this.#parts;
      return this.#archives.put({ ...archive, createdMs: clock.now(), life: ids.hex(8) });
    });
  }

  updateArchive(account: AccountId, name: string, change: Partial<Archive>): Promise<Archive> {
    return this.#archives.inTurn(account, name, () =>
      this.#archives.put({ ...this.needArchive(account, name), ...change }),
    );
  }

  /** With everything that it kept. Throws `not_found`. */
  deleteArchive(account: AccountId, name: string): Promise<void> {
    return this.#archives.inTurn(account, name, async () => {
      const { life } = this.needArchive(account, name);
      await this.#archives.delete(account, name);
      await this.dropArchived(account, life, Number.POSITIVE_INFINITY);
    });
  }

  /** Events of an archive that happened before then. */
  async dropArchived(account: AccountId, life: string, beforeMs: number): Promise<void> {
    const { records } = this.#parts;
    const prefix = archiveEventsPrefix(account, life);
    for (;;) {
      const page = await records.range({ prefix, limit: deletedMax });
      const gone = page.filter(({ key }) => Number(key.slice(prefix.length, prefix.length + 15)) < beforeMs);
      if (gone.length === 0) return;
      await records.transact(gone.map(({ key }): Operation => ({ kind: 'delete', key })));
      if (gone.length < page.length) return;
    }
  }

  /** How many events it has, and their bytes. */
  async archived({ account, life }: Archive): Promise<{ count: number; bytes: number }> {
    let count = 0;
    let bytes = 0;
    for await (const { value } of scan(this.#parts.records, archiveEventsPrefix(account, life))) {
      count += 1;
      bytes += Buffer.byteLength(JSON.stringify(value));
    }
    return { count, bytes };
  }

  replay(account: AccountId, name: string): Replay | undefined {
    return this.#replays.get(account, name);
  }

  replays(account: AccountId): readonly Replay[] {
    return this.#replays.list(account);
  }

  /** Of every account: those that are not over. */
  openReplays(): readonly Replay[] {
    return this.#replays.all().filter(({ endedMs }) => endedMs === undefined);
  }

  needReplay(account: AccountId, name: string): Replay {
    return this.replay(account, name) ?? missing(`Replay ${name} does not exist.`);
  }

  startReplay(replay: Omit<Replay, 'startedMs' | 'state'>): Promise<Replay> {
    return this.#replays.inTurn(replay.account, replay.name, () => {
      if (this.replay(replay.account, replay.name) !== undefined) throw taken(`Replay ${replay.name} already exists.`);
      return this.#replays.put({ ...replay, state: 'STARTING', startedMs: this.#parts.clock.now() });
    });
  }

  /** `change` answers what is different, or undefined for nothing; `more` goes into the same transaction. */
  updateReplay(
    account: AccountId,
    name: string,
    change: (replay: Replay) => Partial<Replay> | undefined,
    more: readonly Operation[] = [],
  ): Promise<Replay> {
    return this.#replays.inTurn(account, name, async () => {
      const replay = this.needReplay(account, name);
      const changed = change(replay);
      return changed === undefined ? replay : this.#replays.put({ ...replay, ...changed }, more);
    });
  }

  /** Durable once resolved. On a bus that is not there, what is put goes nowhere, as with EventBridge. */
  async putEvents(account: AccountId, events: readonly { bus: string; event: BusEvent }[]): Promise<void> {
    const messages = events.flatMap((one) => this.#message(account, one.bus, one.event) ?? []);
    if (messages.length > 0) await this.#parts.log.append(busEventsTopic, messages);
  }

  /** The same as part of a transaction of the caller's; undefined: there is no such bus. */
  putOperation(account: AccountId, bus: string, event: BusEvent): Operation | undefined {
    const message = this.#message(account, bus, event);
    return message === undefined ? undefined : { kind: 'append', topic: busEventsTopic, message };
  }

  /** Calls back when anything but a replay's progress has changed. */
  watch(changed: () => void): { stop(): void } {
    this.#changes.add(changed);
    return { stop: () => void this.#changes.delete(changed) };
  }

  #message(account: AccountId, bus: string, event: BusEvent): { id: string; body: string } | undefined {
    const life = this.bus(account, bus)?.life;
    if (life === undefined) return undefined;
    // One event may be on several buses.
    return { id: `${event.id}/${life}`, body: JSON.stringify({ account, bus, life, event } satisfies PutEvent) };
  }

  #changeRule(account: AccountId, bus: string, name: string, make: () => Rule): Promise<Rule> {
    // In turn with the bus too: one that is being deleted gets no more rules.
    return this.#buses.inTurn(account, bus, () => this.#putRule(make()));
  }

  async #putRule(rule: Rule, more: readonly Operation[] = []): Promise<Rule> {
    await this.#parts.records.transact([{ kind: 'put', key: ruleKey(rule), value: rule }, ...more]);
    intoGroup(this.#rulesOf, rule);
    tell(this.#changes);
    return rule;
  }
}

function tell(changes: Changes): void {
  for (const changed of changes) changed();
}

function intoGroup<Thing extends { account: AccountId; bus: string; name: string }>(
  groups: Grouped<Thing>,
  thing: Thing,
): void {
  const key = `${thing.account}/${thing.bus}`;
  const group = groups.get(key) ?? new Map<string, Thing>();
  group.set(thing.name, thing);
  groups.set(key, group);
}
