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
import { createInTurn, type InTurn } from '../../util/in-turn.ts';
import type { ApiDestination, Connection } from './api-destination.ts';
import { busEventsTopic, type BusEvent, type PutEvent } from './bus-event.ts';
import { archiveEventsPrefix, defaultBus, type Archive, type EventBus, type Replay } from './event-bus.ts';
import { ruleLimits, type Rule, type Target } from './rule.ts';

export type EventBusesParts = { records: Records; log: Log; clock: Clock; ids: Ids };

/** Everything of one kind that an account has, by name. */
type Kind = 'bus' | 'bus-rule' | 'bus-archive' | 'bus-replay' | 'bus-connection' | 'bus-destination';
type ThingOf = {
  bus: EventBus;
  'bus-rule': Rule;
  'bus-archive': Archive;
  'bus-replay': Replay;
  'bus-connection': Connection;
  'bus-destination': ApiDestination;
};

const kinds = ['bus', 'bus-rule', 'bus-archive', 'bus-replay', 'bus-connection', 'bus-destination'] as const;
/** What is deleted in one transaction. */
const deletedMax = 1_000;

export class EventBuses {
  readonly #parts: EventBusesParts;
  readonly #inTurn: InTurn = createInTurn();
  readonly #things = new Map<string, ThingOf[Kind]>();
  /** By account and bus: what an event is held against. */
  readonly #rulesOf = new Map<string, Map<string, Rule>>();
  readonly #archivesOf = new Map<string, Map<string, Archive>>();
  readonly #watchers = new Set<() => void>();

  private constructor(parts: EventBusesParts) {
    this.#parts = parts;
  }

  static async open(parts: EventBusesParts): Promise<EventBuses> {
    const buses = new EventBuses(parts);
    for (const kind of kinds) {
      for await (const { key, value } of scan(parts.records, `${kind}/`))
        buses.#hold(kind, key, value as ThingOf[Kind]);
    }
    return buses;
  }

  /** The default bus is always there. */
  bus(account: AccountId, name: string): EventBus | undefined {
    const found = this.#get('bus', account, name);
    if (found !== undefined || name !== defaultBus) return found;
    return { account, name, createdMs: 0, modifiedMs: 0, tags: {}, life: `${account}/${defaultBus}` };
  }

  /** By name. */
  buses(account: AccountId): readonly EventBus[] {
    const all = this.#list('bus', account);
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
    return this.#inTurn(keyOf('bus', account, name), async () => {
      if (this.bus(account, name) !== undefined) throw taken(`Event bus ${name} already exists.`);
      this.#checkCount('bus', account, ruleLimits.busesMax - 1, 'event buses');
      const nowMs = this.#parts.clock.now();
      const bus: EventBus = {
        ...made,
        account,
        name,
        createdMs: nowMs,
        modifiedMs: nowMs,
        life: `${account}/${name}/${this.#parts.ids.hex(8)}`,
      };
      return this.#put('bus', bus);
    });
  }

  /** `change` answers what is different. Throws `not_found`. */
  updateBus(account: AccountId, name: string, change: (bus: EventBus) => Partial<EventBus>): Promise<EventBus> {
    return this.#inTurn(keyOf('bus', account, name), () => {
      const bus = this.needBus(account, name);
      return this.#put('bus', { ...bus, ...change(bus), modifiedMs: this.#parts.clock.now() });
    });
  }

  /** Deletes a bus that has no rules. One that is not there is no error, as with EventBridge. */
  deleteBus(account: AccountId, name: string): Promise<void> {
    return this.#inTurn(keyOf('bus', account, name), async () => {
      if (this.rules(account, name).length > 0) {
        throw new PlatformError('invalid_argument', "Event bus can't be deleted since it has rules.", {
          reason: 'ValidationException',
        });
      }
      await this.#delete('bus', account, name);
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
    return this.#inTurn(keyOf('bus', account, bus), async () => {
      if (this.rule(account, bus, name) === before) await this.#put('bus-rule', { ...before, firedMs }, more);
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
    return this.#inTurn(keyOf('bus', account, bus), async () => {
      const rule = this.rule(account, bus, name);
      if (rule === undefined) return;
      if (rule.targets.length > 0) {
        throw new PlatformError('invalid_argument', "Rule can't be deleted since it has targets.", {
          reason: 'ValidationException',
        });
      }
      await this.#parts.records.transact([{ kind: 'delete', key: keyOf('bus-rule', account, `${bus}/${name}`) }]);
      this.#rulesOf.get(`${account}/${bus}`)?.delete(name);
      this.#changed();
    });
  }

  archive(account: AccountId, name: string): Archive | undefined {
    return this.#get('bus-archive', account, name);
  }

  archives(account: AccountId): readonly Archive[] {
    return this.#list('bus-archive', account);
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
    return this.#inTurn(keyOf('bus-archive', account, name), () => {
      this.needBus(account, bus);
      if (this.archive(account, name) !== undefined) throw taken(`Archive ${name} already exists.`);
      this.#checkCount('bus-archive', account, ruleLimits.archivesMax, 'archives');
      const { clock, ids } = this.#parts;
      return this.#put('bus-archive', { ...archive, createdMs: clock.now(), life: ids.hex(8) });
    });
  }

  updateArchive(account: AccountId, name: string, change: Partial<Archive>): Promise<Archive> {
    return this.#inTurn(keyOf('bus-archive', account, name), () =>
      this.#put('bus-archive', { ...this.needArchive(account, name), ...change }),
    );
  }

  /** With everything that it kept. Throws `not_found`. */
  deleteArchive(account: AccountId, name: string): Promise<void> {
    return this.#inTurn(keyOf('bus-archive', account, name), async () => {
      const { life } = this.needArchive(account, name);
      await this.#delete('bus-archive', account, name);
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
    return this.#get('bus-replay', account, name);
  }

  replays(account: AccountId): readonly Replay[] {
    return this.#list('bus-replay', account);
  }

  /** Of every account: those that are not over. */
  openReplays(): readonly Replay[] {
    return this.#all('bus-replay').filter(({ endedMs }) => endedMs === undefined);
  }

  needReplay(account: AccountId, name: string): Replay {
    return this.replay(account, name) ?? missing(`Replay ${name} does not exist.`);
  }

  startReplay(replay: Omit<Replay, 'startedMs' | 'state'>): Promise<Replay> {
    return this.#inTurn(keyOf('bus-replay', replay.account, replay.name), () => {
      if (this.replay(replay.account, replay.name) !== undefined) throw taken(`Replay ${replay.name} already exists.`);
      return this.#put('bus-replay', { ...replay, state: 'STARTING', startedMs: this.#parts.clock.now() });
    });
  }

  /** `change` answers what is different, or undefined for nothing; `more` goes into the same transaction. */
  updateReplay(
    account: AccountId,
    name: string,
    change: (replay: Replay) => Partial<Replay> | undefined,
    more: readonly Operation[] = [],
  ): Promise<Replay> {
    return this.#inTurn(keyOf('bus-replay', account, name), async () => {
      const replay = this.needReplay(account, name);
      const changed = change(replay);
      return changed === undefined ? replay : this.#put('bus-replay', { ...replay, ...changed }, more);
    });
  }

  connection(account: AccountId, name: string): Connection | undefined {
    return this.#get('bus-connection', account, name);
  }

  connections(account: AccountId): readonly Connection[] {
    return this.#list('bus-connection', account);
  }

  needConnection(account: AccountId, name: string): Connection {
    return (
      this.connection(account, name) ??
      missing(`Failed to describe the connection(s). Connection '${name}' does not exist.`)
    );
  }

  createConnection(connection: Connection): Promise<Connection> {
    const { account, name } = connection;
    return this.#inTurn(keyOf('bus-connection', account, name), () => {
      if (this.connection(account, name) !== undefined) throw taken(`Connection ${name} already exists.`);
      this.#checkCount('bus-connection', account, ruleLimits.connectionsMax, 'connections');
      return this.#put('bus-connection', connection);
    });
  }

  updateConnection(
    account: AccountId,
    name: string,
    change: (connection: Connection) => Connection,
  ): Promise<Connection> {
    return this.#inTurn(keyOf('bus-connection', account, name), () =>
      this.#put('bus-connection', change(this.needConnection(account, name))),
    );
  }

  async deleteConnection(account: AccountId, name: string): Promise<Connection> {
    return this.#inTurn(keyOf('bus-connection', account, name), async () => {
      const connection = this.needConnection(account, name);
      await this.#delete('bus-connection', account, name);
      return connection;
    });
  }

  destination(account: AccountId, name: string): ApiDestination | undefined {
    return this.#get('bus-destination', account, name);
  }

  destinations(account: AccountId): readonly ApiDestination[] {
    return this.#list('bus-destination', account);
  }

  /** Of every account. */
  allDestinations(): readonly ApiDestination[] {
    return this.#all('bus-destination');
  }

  needDestination(account: AccountId, name: string): ApiDestination {
    return (
      this.destination(account, name) ??
      missing(`Failed to describe the api-destination(s). An api-destination '${name}' does not exist.`)
    );
  }

  createDestination(destination: ApiDestination): Promise<ApiDestination> {
    const { account, name } = destination;
    return this.#inTurn(keyOf('bus-destination', account, name), () => {
      if (this.destination(account, name) !== undefined) throw taken(`An api-destination '${name}' already exists.`);
      this.needConnection(account, destination.connection);
      this.#checkCount('bus-destination', account, ruleLimits.destinationsMax, 'API destinations');
      return this.#put('bus-destination', destination);
    });
  }

  updateDestination(
    account: AccountId,
    name: string,
    change: (destination: ApiDestination) => ApiDestination,
  ): Promise<ApiDestination> {
    return this.#inTurn(keyOf('bus-destination', account, name), () => {
      const changed = change(this.needDestination(account, name));
      this.needConnection(account, changed.connection);
      return this.#put('bus-destination', changed);
    });
  }

  deleteDestination(account: AccountId, name: string): Promise<void> {
    return this.#inTurn(keyOf('bus-destination', account, name), async () => {
      this.needDestination(account, name);
      await this.#delete('bus-destination', account, name);
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
    this.#watchers.add(changed);
    return { stop: () => void this.#watchers.delete(changed) };
  }

  #message(account: AccountId, bus: string, event: BusEvent): { id: string; body: string } | undefined {
    const life = this.bus(account, bus)?.life;
    if (life === undefined) return undefined;
    // One event may be on several buses.
    return { id: `${event.id}/${life}`, body: JSON.stringify({ account, bus, life, event } satisfies PutEvent) };
  }

  #changeRule(account: AccountId, bus: string, name: string, make: () => Rule): Promise<Rule> {
    // In turn with the bus too: one that is being deleted gets no more rules.
    return this.#inTurn(keyOf('bus', account, bus), () => this.#put('bus-rule', make()));
  }

  async #put<Name extends Kind>(
    kind: Name,
    thing: ThingOf[Name],
    more: readonly Operation[] = [],
  ): Promise<ThingOf[Name]> {
    const key = keyOf(kind, thing.account, 'targets' in thing ? `${thing.bus}/${thing.name}` : thing.name);
    await this.#parts.records.transact([{ kind: 'put', key, value: thing }, ...more]);
    this.#hold(kind, key, thing);
    this.#changed();
    return thing;
  }

  #hold(kind: Kind, key: string, thing: ThingOf[Kind]): void {
    if (kind === 'bus-rule') intoGroup(this.#rulesOf, thing as Rule);
    else this.#things.set(key, thing);
    if (kind === 'bus-archive') intoGroup(this.#archivesOf, thing as Archive);
  }

  async #delete(kind: Exclude<Kind, 'bus-rule'>, account: AccountId, name: string): Promise<void> {
    const key = keyOf(kind, account, name);
    await this.#parts.records.transact([{ kind: 'delete', key }]);
    const thing = this.#things.get(key);
    this.#things.delete(key);
    if (kind === 'bus-archive' && thing !== undefined)
      this.#archivesOf.get(`${account}/${(thing as Archive).bus}`)?.delete(name);
    this.#changed();
  }

  #get<Name extends Exclude<Kind, 'bus-rule'>>(
    kind: Name,
    account: AccountId,
    name: string,
  ): ThingOf[Name] | undefined {
    return this.#things.get(keyOf(kind, account, name)) as ThingOf[Name] | undefined;
  }

  #list<Name extends Exclude<Kind, 'bus-rule'>>(kind: Name, account: AccountId): readonly ThingOf[Name][] {
    return this.#all(kind).filter((thing) => thing.account === account);
  }

  /** By name. */
  #all<Name extends Exclude<Kind, 'bus-rule'>>(kind: Name): readonly ThingOf[Name][] {
    const found: ThingOf[Name][] = [];
    for (const [key, thing] of this.#things) if (key.startsWith(`${kind}/`)) found.push(thing as ThingOf[Name]);
    return found.toSorted(byName);
  }

  #checkCount(kind: Exclude<Kind, 'bus-rule'>, account: AccountId, max: number, what: string): void {
    if (this.#list(kind, account).length < max) return;
    throw new PlatformError('conflict', `The requested resource exceeds the maximum number allowed: ${max} ${what}.`, {
      reason: 'LimitExceededException',
    });
  }

  #changed(): void {
    for (const changed of this.#watchers) changed();
  }
}

const keyOf = (kind: Kind, account: AccountId, name: string): string => `${kind}/${account}/${name}`;

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

function intoGroup<Thing extends { account: AccountId; bus: string; name: string }>(
  groups: Map<string, Map<string, Thing>>,
  thing: Thing,
): void {
  const key = `${thing.account}/${thing.bus}`;
  const group = groups.get(key) ?? new Map<string, Thing>();
  group.set(thing.name, thing);
  groups.set(key, group);
}

function missing(message: string): never {
  throw new PlatformError('not_found', message, { reason: 'ResourceNotFoundException' });
}

const taken = (message: string): PlatformError =>
  new PlatformError('already_exists', message, { reason: 'ResourceAlreadyExistsException' });
