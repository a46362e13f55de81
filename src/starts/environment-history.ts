/**
 * Environments' lives, written as they go by, and what is known of each function's last ones, so that the next start can
 * be explained also after a restart. A sink of telemetry: nobody calls it to record. It decides nothing: runners/ asks it
 * for the past. Records are kept for `keptDays`, at most `perDayMax` of each day.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { scan, type Records } from '../store/records.ts';
import type { EndReason } from '../telemetry/start-reason.ts';
import {
  isWaitedFor,
  type EnvironmentEnded,
  type EnvironmentInitialised,
  type EnvironmentStarted,
  type InvocationSettled,
  type Sink,
  type TelemetryEvent,
} from '../telemetry/telemetry.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { AccountId, EnvironmentId, VersionId } from '../util/ids.ts';
import { environmentKey, environmentPrefix, environmentRecord, type EnvironmentRecord } from './environment-record.ts';
import { coldUs } from './durations.ts';
import { LateWriter } from './late-writer.ts';

export type EnvironmentHistoryOptions = {
  records: Records;
  clock: Clock;
  accounts: () => readonly AccountId[];
  /** Of a version's code and layers, zipped; undefined: not known. */
  packageBytes(account: AccountId, functionName: string, version: VersionId): number | undefined;
};

/** What is known of one version's environments. `lost`: some were there when an earlier platform was killed. */
type VersionPast =
  | { status: 'alive' }
  | { status: 'lost' }
  | { status: 'ended'; reason: EndReason; endedMs: number; detail?: string };
/** By version and settings, the one that was started last at the end. */
type FunctionPast = Readonly<Record<string, VersionPast>>;
type Known = Exclude<VersionPast, { status: 'alive' }> | { status: 'none' } | { status: 'other_version' };

/** `isKept`: on disk, and not only counted. */
type Live = {
  account: AccountId;
  record: EnvironmentRecord;
  settingsHash: string;
  writtenMs: number;
  isKept: boolean;
};

/** How long the life of an environment can be looked up. */
const keptDays = 14;
/** Of more starts than this a day (one every four seconds) the rest are counted, and not kept one by one. About 10 MB. */
const perDayMax = 20_000;
const dayMs = 86_400_000;
const pruneEveryMs = 3_600_000;
/** How long a change waits for others: what a crash can lose. */
const writeAfterMs = 1_000;
/** One that runs on is written again this often at most. */
const writeEveryMs = 60_000;
/** What has ended may be settled a moment later. */
const endedMax = 1_000;
/** Functions whose past is known; of more, those that were started longest ago are forgotten. About 10 MB. */
const functionsMax = 20_000;
/** Versions of one function that aliases may go back and forth between. */
const versionsMax = 4;
/** Entries read at a time: a few milliseconds of the event loop. */
const pageLength = 200;
/** Entries looked through for the latest of one function. */
const lookedThroughMax = 5_000;

const pastPrefix = 'start-past/';
const pastKey = (account: AccountId, functionName: string): string => `${pastPrefix}${account}/${functionName}`;

export class EnvironmentHistory implements Sink, AsyncDisposable {
  readonly kinds = [
    'invocation.settled',
    'environment.started',
    'environment.initialised',
    'environment.ended',
  ] as const;
  readonly #options: EnvironmentHistoryOptions;
  readonly #writer: LateWriter;
  /** By key, the function that was started last at the end. */
  readonly #past = new Map<string, FunctionPast>();
  /** Those that are there, and the last that were. */
  readonly #lives = new Map<EnvironmentId, Live>();
  readonly #ended: EnvironmentId[] = [];
  /** How many of each version are there, by its key in `#past` and there. */
  readonly #alive = new Map<string, number>();
  #day = 0;
  #ofDay = 0;
  #pruner: Timer | undefined;
  #pruning = Promise.resolve();
  #closed = false;

  private constructor(options: EnvironmentHistoryOptions) {
    this.#options = options;
    this.#writer = new LateWriter(options.records, options.clock, writeAfterMs);
  }

  static async open(options: EnvironmentHistoryOptions): Promise<EnvironmentHistory> {
    const history = new EnvironmentHistory(options);
    for await (const { key, value } of scan(options.records, pastPrefix)) {
      const versions = Object.entries(value as FunctionPast).map(([version, past]): [string, VersionPast] => [
        version,
        past.status === 'alive' ? { status: 'lost' } : past,
      ]);
      history.#past.set(key, Object.fromEntries(versions));
    }
    history.#prune();
    return history;
  }

  /** What became of the environments of a version before the one that is started now. */
  past(of: { account: AccountId; name: string; version: VersionId; settingsHash: string }): Known {
    const past = this.#past.get(pastKey(of.account, of.name));
    if (past === undefined) return { status: 'none' };
    const known = past[versionKey(of.version, of.settingsHash)];
    // Those that are there and that its runner does not know are of a runner that was replaced.
    return known === undefined || known.status === 'alive' ? { status: 'other_version' } : known;
  }

  take(event: TelemetryEvent): void {
    if (event.kind === 'invocation.settled') this.#settled(event);
    else if (event.kind === 'environment.started') this.#started(event);
    else if (event.kind === 'environment.initialised') this.#initialised(event);
    else if (event.kind === 'environment.ended') this.#endedNow(event);
  }

  /** Nothing that is acknowledged depends on it: what is not written yet is written a second later. */
  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** `startedMs`: of the environment, as its invocations know it. */
  async find(account: AccountId, startedMs: number, id: string): Promise<EnvironmentRecord | undefined> {
    const live = this.#lives.get(id as EnvironmentId);
    if (live !== undefined) return live.account === account ? live.record : undefined;
    const entry = await this.#options.records.get(environmentKey(account, startedMs, id));
    return entry?.value as EnvironmentRecord | undefined;
  }

  /** The newest environments for which an invocation waited, newest first. */
  async latestWaitedFor(
    account: AccountId,
    { functionName, sinceMs, limit }: { functionName?: string | undefined; sinceMs: number; limit: number },
  ): Promise<EnvironmentRecord[]> {
    await this.#writer.flush();
    const prefix = environmentPrefix(account);
    const found: EnvironmentRecord[] = [];
    let after: string | undefined;
    for (let seen = 0; seen < lookedThroughMax; seen += pageLength) {
      const page = await this.#options.records.range({ prefix, limit: pageLength, ...(after && { after }) });
      for (const { value } of page) {
        const record = value as EnvironmentRecord;
        if (record.startedMs < sinceMs) return found;
        if (!isWaitedFor(record.start) || (functionName ?? record.functionName) !== record.functionName) continue;
        if (found.push(record) === limit) return found;
      }
      after = page.at(-1)?.key;
      if (page.length < pageLength) break;
      await nextTurn();
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#pruner?.cancel();
    await this.#pruning;
    await this.#writer[Symbol.asyncDispose]();
  }

  #started(event: EnvironmentStarted): void {
    const { account, functionName, version, settingsHash, environmentId, timeMs } = event;
    const key = pastKey(account, functionName);
    const ofVersion = versionKey(version, settingsHash);
    const { [ofVersion]: before, ...others } = this.#past.get(key) ?? {};
    const alive = `${key} ${ofVersion}`;
    this.#alive.set(alive, (this.#alive.get(alive) ?? 0) + 1);
    if (before?.status !== 'alive') this.#remember(key, { ...others, [ofVersion]: { status: 'alive' } });

    const record = environmentRecord(event, this.#options.packageBytes(account, functionName, version));
    const live: Live = { account, record, settingsHash, writtenMs: timeMs, isKept: this.#mayKeep(timeMs) };
    this.#lives.set(environmentId, live);
    this.#write(live);
  }

  #initialised({ environmentId, initUs }: EnvironmentInitialised): void {
    const live = this.#lives.get(environmentId);
    if (live === undefined) return;
    live.record.initUs = Math.round(initUs);
    this.#write(live);
  }

  #settled(settled: InvocationSettled): void {
    const { environmentId, requestId, attempt, timeMs, status, startReason, initFailed, phases, memoryBytesMax } =
      settled;
    const live = this.#lives.get(environmentId);
    // Who was told of a pause names the environment that failed last, and was not the reason for it.
    if (live === undefined || startReason?.kind === 'paused') return;
    const { record } = live;
    // It ended before it was known of what.
    const endedOf = record.ended?.reason;
    const isKnownNow =
      (status === 'out_of_memory' && (endedOf === 'crash' || endedOf === 'init_failed')) ||
      (status === 'timeout' && endedOf === 'crash');
    if (isKnownNow && record.ended !== undefined) {
      record.ended = { ...record.ended, reason: status };
      this.#rememberEnd(live);
    }
    if (initFailed !== true) {
      record.invocations += 1;
      record.handlerUs += Math.round(phases.handlerUs);
    }
    record.lastMs = timeMs;
    if (memoryBytesMax !== undefined) record.memoryBytesMax = memoryBytesMax;
    if (record.first === undefined) record.first = { requestId, attempt, timeMs, coldUs: Math.round(coldUs(phases)) };
    else if (record.ended === undefined && timeMs - live.writtenMs < writeEveryMs) return;
    this.#write(live);
  }

  #endedNow({ environmentId, timeMs, reason, detail }: EnvironmentEnded): void {
    const live = this.#lives.get(environmentId);
    if (live === undefined) return;
    const { account, record, settingsHash } = live;
    record.ended = { timeMs, reason, ...(detail !== undefined && { detail }) };
    this.#write(live);
    this.#ended.push(environmentId);
    if (this.#ended.length > endedMax) this.#lives.delete(this.#ended.shift() ?? environmentId);

    const alive = `${pastKey(account, record.functionName)} ${versionKey(record.version, settingsHash)}`;
    const left = (this.#alive.get(alive) ?? 1) - 1;
    if (left > 0) {
      this.#alive.set(alive, left);
      return;
    }
    this.#alive.delete(alive);
    this.#rememberEnd(live);
  }

  /** It was the last of its version, unless others are there. */
  #rememberEnd({ account, record, settingsHash }: Live): void {
    const key = pastKey(account, record.functionName);
    const ofVersion = versionKey(record.version, settingsHash);
    const past = this.#past.get(key);
    if (record.ended === undefined || past?.[ofVersion] === undefined || this.#alive.has(`${key} ${ofVersion}`)) return;
    const { timeMs: endedMs, ...how } = record.ended;
    this.#remember(key, { ...past, [ofVersion]: { status: 'ended', endedMs, ...how } });
  }

  #remember(key: string, past: FunctionPast): void {
    const kept = Object.fromEntries(Object.entries(past).slice(-versionsMax));
    this.#past.delete(key);
    this.#past.set(key, kept);
    this.#writer.put(key, () => kept);
    if (this.#past.size <= functionsMax) return;
    const [oldest = key] = this.#past.keys();
    this.#past.delete(oldest);
    this.#writer.delete(oldest);
  }

  #write(live: Live): void {
    const { account, record } = live;
    live.writtenMs = this.#options.clock.now();
    if (live.isKept) this.#writer.put(environmentKey(account, record.startedMs, record.id), () => record);
  }

  #mayKeep(timeMs: number): boolean {
    const day = Math.floor(timeMs / dayMs);
    if (day !== this.#day) [this.#day, this.#ofDay] = [day, 0];
    this.#ofDay += 1;
    return this.#ofDay <= perDayMax;
  }

  /** What is older than is kept goes: now, and every hour. */
  #prune(): void {
    const { clock } = this.#options;
    this.#pruner = clock.schedule(pruneEveryMs, () => this.#prune());
    this.#pruning = this.#forgetBefore(clock.now() - keptDays * dayMs).catch(() => undefined);
  }

  async #forgetBefore(timeMs: number): Promise<void> {
    const { records, accounts } = this.#options;
    for (const account of accounts()) {
      const [prefix, from] = [environmentPrefix(account), environmentKey(account, timeMs, '')];
      while (!this.#closed) {
        const page = await records.range({ prefix, from, limit: pageLength });
        if (page.length === 0) break;
        await records.transact(page.map(({ key }) => ({ kind: 'delete', key })));
      }
    }
  }
}

const versionKey = (version: string, settingsHash: string): string => `${version}:${settingsHash}`;
