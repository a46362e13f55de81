/**
 * How many invocations there were of each function, how many of them waited for an environment, why, and for how long:
 * counted in slots of ten minutes, which become slots of an hour, so that a report over a month reads some thousand
 * small records and not every invocation. A sink of telemetry. What is counted here explains; the bill is made of usage rows.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Entry, Operation, Records } from '../store/records.ts';
import {
  startKinds,
  type InvocationSettled,
  type Sink,
  type StartKind,
  type TelemetryEvent,
} from '../telemetry/telemetry.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { AccountId, VersionId } from '../util/ids.ts';
import { createInTurn } from '../util/in-turn.ts';
import { LateWriter } from './late-writer.ts';
import { addGroup, addInvocation, newGroup, writeGroup, type StartGroup, type WrittenGroup } from './start-group.ts';

/** What a function was in a slot. */
export type FunctionKind = { functionName: string; runtime: string; packageBytes: number | undefined };

export type StartCountsOptions = {
  records: Records;
  clock: Clock;
  /** Tells what this process has counted from what earlier ones have. */
  bootId: string;
  accounts: () => readonly AccountId[];
  /** What the function is now; undefined: it is gone. */
  kindOf(account: AccountId, functionName: string, version: VersionId): Omit<FunctionKind, 'functionName'> | undefined;
};

type Slot = FunctionKind & WrittenGroup;
/** `isWaiting`: to be written. */
type Counting = { key: string; kind: FunctionKind; group: StartGroup; isWaiting: boolean };
/** Invocations of one minute by how they came by their environments. */
export type MinuteCounts = Partial<Record<StartKind, number>>;
/** Of an hour, by the number of the minute. */
type Minutes = Record<string, MinuteCounts>;

const minuteMs = 60_000;
const slotMs = 10 * minuteMs;
const hourMs = 60 * minuteMs;
const keptMs = 35 * 24 * hourMs;
/** Slots this old are put together to hours. */
const compactAfterMs = 2 * hourMs;
const lookAfterEveryMs = slotMs;
/** Functions that are counted apart in one slot; of more, the rest count together. About 1 kB each. */
const functionsMax = 10_000;
const otherName = '_other';
/** Entries read at a time: a few milliseconds of the event loop. */
const pageLength = 200;
/** What goes on being counted is written this often: what a crash can lose. */
const writeEveryMs = 5_000;

const slotPrefix = (account: AccountId): string => `starts/${account}/10m/`;
const hourPrefix = (account: AccountId): string => `starts/${account}/1h/`;
const minutesPrefix = (account: AccountId): string => `start-minutes/${account}/`;
/** `2026-01-31T12:10`: sorts by time. */
const timeText = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, timeTextLength);
const timeTextLength = 16;
const floorTo = (timeMs: number, stepMs: number): number => timeMs - (timeMs % stepMs);

export class StartCounts implements Sink, AsyncDisposable {
  readonly kinds = ['invocation.settled'] as const;
  readonly #options: StartCountsOptions;
  readonly #writer: LateWriter;
  readonly #inTurn = createInTurn();
  #slotFromMs = 0;
  /** Of the slot that is now. */
  #counting = new Map<string, Counting>();
  #hourFromMs = 0;
  #minutes = new Map<AccountId, { minutes: Minutes; isWaiting: boolean }>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: StartCountsOptions) {
    this.#options = options;
    this.#writer = new LateWriter(options.records, options.clock, writeEveryMs);
    this.#lookAfter();
  }

  take(event: TelemetryEvent): void {
    if (event.kind !== 'invocation.settled') return;
    this.#count(event);
    this.#countMinute(event);
  }

  /** Nothing that is acknowledged depends on it: what is not written yet is written some seconds later. */
  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** What was counted since the beginning of the slot in which `sinceMs` is: a function of a slot at a time, in no order. */
  each(account: AccountId, sinceMs: number, take: (kind: FunctionKind, group: WrittenGroup) => void): Promise<void> {
    return this.#inTurn('', async () => {
      await this.#writer.flush();
      const hours = hourPrefix(account) + timeText(floorTo(sinceMs, hourMs));
      const slots = slotPrefix(account) + timeText(floorTo(sinceMs, slotMs));
      for (const [prefix, from] of [
        [hourPrefix(account), hours],
        [slotPrefix(account), slots],
      ] as const)
        for await (const { value } of this.#entries(prefix, from)) {
          const { functionName, runtime, packageBytes, ...group } = value as Slot;
          take({ functionName, runtime, packageBytes }, group);
        }
    });
  }

  /** Invocations by minute since `sinceMs`, in order; minutes without any are left out. */
  async minutes(account: AccountId, sinceMs: number): Promise<{ timeMs: number; counts: MinuteCounts }[]> {
    await this.#writer.flush();
    const prefix = minutesPrefix(account);
    const all = new Map<number, MinuteCounts>();
    for await (const { key, value } of this.#entries(prefix, prefix + timeText(floorTo(sinceMs, hourMs)))) {
      const hourFromMs = timeOf(key, prefix);
      for (const [minute, counts] of Object.entries(value as Minutes)) {
        const timeMs = hourFromMs + Number(minute) * minuteMs;
        if (timeMs + minuteMs <= sinceMs) continue;
        const sum = all.get(timeMs) ?? {};
        for (const start of startKinds) if (counts[start] !== undefined) sum[start] = (sum[start] ?? 0) + counts[start];
        all.set(timeMs, sum);
      }
    }
    return [...all].sort(([a], [b]) => a - b).map(([timeMs, counts]) => ({ timeMs, counts }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#inTurn('', () => this.#writer[Symbol.asyncDispose]());
  }

  #count(event: InvocationSettled): void {
    const slotFromMs = floorTo(event.timeMs, slotMs);
    if (hasMoved(this.#slotFromMs, slotFromMs, slotMs)) {
      this.#slotFromMs = slotFromMs;
      this.#counting = new Map();
    }
    const counting = this.#counting.get(event.functionArn) ?? this.#countAnew(event);
    addInvocation(counting.group, event);
    if (counting.isWaiting) return;
    counting.isWaiting = true;
    this.#writer.put(counting.key, (): Slot => {
      counting.isWaiting = false;
      return { ...counting.kind, ...writeGroup(counting.group) };
    });
  }

  #countAnew({ account, functionName, functionArn, version }: InvocationSettled): Counting {
    const isOther = this.#counting.size >= functionsMax;
    const arn = isOther ? `${account} ${otherName}` : functionArn;
    const known = this.#counting.get(arn);
    if (known !== undefined) return known;
    const name = isOther ? otherName : functionName;
    const is = isOther ? undefined : this.#options.kindOf(account, functionName, version);
    const counting: Counting = {
      key: `${slotPrefix(account)}${timeText(this.#slotFromMs)}/${name}/${this.#options.bootId}`,
      kind: { functionName: name, runtime: is?.runtime ?? '', packageBytes: is?.packageBytes },
      group: newGroup(),
      isWaiting: false,
    };
    this.#counting.set(arn, counting);
    return counting;
  }

  #countMinute({ account, timeMs, start }: InvocationSettled): void {
    const hourFromMs = floorTo(timeMs, hourMs);
    if (hasMoved(this.#hourFromMs, hourFromMs, hourMs)) {
      this.#hourFromMs = hourFromMs;
      this.#minutes = new Map();
    }
    let hour = this.#minutes.get(account);
    if (hour === undefined) this.#minutes.set(account, (hour = { minutes: {}, isWaiting: false }));
    const { minutes } = hour;
    const counts = (minutes[Math.max(0, Math.floor((timeMs - this.#hourFromMs) / minuteMs))] ??= {});
    counts[start] = (counts[start] ?? 0) + 1;
    if (hour.isWaiting) return;
    hour.isWaiting = true;
    const written = hour;
    this.#writer.put(`${minutesPrefix(account)}${timeText(this.#hourFromMs)}/${this.#options.bootId}`, (): Minutes => {
      written.isWaiting = false;
      return minutes;
    });
  }

  /** Puts slots together and lets go what is too old: now, and every ten minutes. */
  #lookAfter(): void {
    const { clock } = this.#options;
    this.#timer = clock.schedule(lookAfterEveryMs, () => this.#lookAfter());
    const work = async (): Promise<void> => {
      for (const account of this.#options.accounts()) {
        await this.#compact(account, floorTo(clock.now() - compactAfterMs, hourMs));
        for (const prefix of [hourPrefix(account), minutesPrefix(account)])
          await this.#forgetBefore(prefix, clock.now() - keptMs);
      }
    };
    // Refused by the disk: in ten minutes it is tried again.
    this.#inTurn('', work).catch(() => undefined);
  }

  async #compact(account: AccountId, beforeMs: number): Promise<void> {
    const { records } = this.#options;
    const prefix = slotPrefix(account);
    while (!this.#closed) {
      const page = await records.range({ prefix, limit: pageLength });
      const old = page.filter(({ key }) => timeOf(key, prefix) < beforeMs);
      if (old.length === 0) return;
      const hours = Map.groupBy(old, ({ key, value }) => {
        const { functionName } = value as Slot;
        return `${hourPrefix(account)}${timeText(floorTo(timeOf(key, prefix), hourMs))}/${functionName}`;
      });
      const operations: Operation[] = old.map(({ key }) => ({ kind: 'delete', key }));
      for (const [key, slots] of hours) {
        const group = newGroup();
        const before = await records.get(key);
        const all = [...(before === undefined ? [] : [before]), ...slots].map(({ value }) => value as Slot);
        for (const slot of all) addGroup(group, slot);
        const last = all.at(-1);
        if (last === undefined) continue;
        const { functionName, runtime, packageBytes } = last;
        const value: Slot = { functionName, runtime, packageBytes, ...writeGroup(group) };
        operations.push({ kind: 'put', key, value });
      }
      // Together: what is killed in between has counted nothing twice.
      await records.transact(operations);
      await nextTurn();
    }
  }

  async #forgetBefore(prefix: string, beforeMs: number): Promise<void> {
    const { records } = this.#options;
    while (!this.#closed) {
      const page = await records.range({ prefix, limit: pageLength });
      const old = page.filter(({ key }) => timeOf(key, prefix) < beforeMs);
      if (old.length === 0) return;
      await records.transact(old.map(({ key }) => ({ kind: 'delete', key })));
      await nextTurn();
    }
  }

  async *#entries(prefix: string, from: string): AsyncGenerator<Entry> {
    let after: string | undefined;
    for (;;) {
      const page = await this.#options.records.range({ prefix, from, limit: pageLength, ...(after && { after }) });
      yield* page;
      after = page.at(-1)?.key;
      if (page.length < pageLength) return;
      await nextTurn();
    }
  }
}

/** Whether another slot has begun. A clock that is set back a little has not: what was counted would be written over. */
const hasMoved = (presentMs: number, fromMs: number, stepMs: number): boolean =>
  fromMs > presentMs || fromMs < presentMs - stepMs;

/** When the slot began that a key is about. */
const timeOf = (key: string, prefix: string): number =>
  Date.parse(`${key.slice(prefix.length, prefix.length + timeTextLength)}:00Z`);
