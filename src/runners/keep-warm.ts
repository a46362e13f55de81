/**
 * What becomes of idle environments: how long each function's are kept, when some are started before anybody calls, and
 * which go when memory is short. `predict/` says what is worth it; this does it. One timer for all functions, and no work
 * for a function whose environments are used again within a second.
 */
import type { Resolved } from '../registry/registry.ts';
import type { EndReason } from '../telemetry/start-reason.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import type { EnvironmentId, FunctionArn } from '../util/ids.ts';
import { Agenda } from './agenda.ts';
import { environmentAgeMsMax, type Held } from './held.ts';
import type { KeepHistories, WrittenHistory } from './keep-histories.ts';
import { KeepReports, type Ahead, type Basis } from './keep-reports.ts';
import { coldStartWorthMbMs } from './predict/cold-start-worth.ts';
import { describeAhead, describeExpected, describePlan } from './predict/describe-plan.ts';
import { Keeper, restMs, type KeepPolicy, type Verdict } from './predict/keeper.ts';
import type { KeepCost } from './predict/plan-keep.ts';
import { versionKey } from './version-key.ts';
import { WarmBudget, type WarmBudgetOptions } from './warm-budget.ts';
import type { WarmRunner } from './warm-runner.ts';

export type KeepWarmOptions = {
  clock: Clock;
  telemetry: Telemetry;
  /** For functions that do not say. */
  policy: KeepPolicy;
  /** Where histories outlive the platform. Absent: they do not. */
  histories?: KeepHistories;
  runnerOf(resolved: Resolved): WarmRunner;
  /** What a call of this function would get now; undefined: there is no such function. */
  current(functionArn: FunctionArn): Resolved | undefined;
  /** Whether one more may be there, without another one's going. */
  hasRoom(): boolean;
} & Omit<WarmBudgetOptions, 'giveUpOne'>;

/** What one environment is taken to hold until one has been measured. */
const bytesGuess = 48 * 1024 * 1024;
const mib = 1024 * 1024;
/** The newest measurement's share in a moving average. */
const newestShare = 0.3;
/** Started before anybody asks, at the same time: nobody waits for them, and somebody may for a processor. */
const aheadAtOnceMax = 1;
/** Functions about which something is remembered; the one that was called longest ago is forgotten. */
const functionsMax = 10_000;

const written = ({ keeper, memoryMb, startMs }: Warm): WrittenHistory => ({
  keeper: keeper.write(),
  memoryMb,
  startMs,
});

const restingOf = ({ idle }: WarmRunner): readonly Held[] => idle.filter(({ resting }) => resting !== undefined);

/** After one that rested ended so, another one would not fare better: neither memory, nor what makes it exit, has changed. */
const noTimeToStart: readonly EndReason[] = ['evicted', 'memory', 'crash'];

/** One function, whatever its versions. */
type Warm = {
  readonly functionArn: FunctionArn;
  keeper: Keeper;
  readonly runners: Set<WarmRunner>;
  /** The version that was called last; undefined: after a restart, or once that is no longer current. */
  lastCalled: Resolved | undefined;
  calledMs: number;
  memoryMb: number;
  /** How long a start takes; 0: none has been seen. */
  startMs: number;
  startingAhead: number;
  /** Why one more is to be started; undefined: none is. */
  toStart: Ahead | undefined;
  /** A look is due that will see what has been freed just now. */
  looksSoon: boolean;
  readonly reports: KeepReports;
};

export class KeepWarm {
  readonly #options: KeepWarmOptions;
  /** Who was called longest ago is first. */
  readonly #functions = new Map<FunctionArn, Warm>();
  readonly #agenda: Agenda<Warm>;
  readonly #budget: WarmBudget;
  readonly #aheadQueue = new Set<Warm>();
  #ahead = 0;
  #closed = false;

  constructor(options: KeepWarmOptions) {
    this.#options = options;
    this.#agenda = new Agenda(options.clock, (warm) => this.#look(warm));
    this.#budget = new WarmBudget({ ...options, giveUpOne: () => this.giveUpOne('memory') });
  }

  /** What was known before the platform was started: what is expected is started in time. */
  async load(): Promise<void> {
    const { histories, clock } = this.#options;
    if (histories === undefined) return;
    for await (const { functionArn, history } of histories.load()) {
      if (this.#closed) return;
      if (this.#functions.size >= functionsMax || this.#functions.has(functionArn)) continue;
      const warm = this.#add(functionArn);
      warm.keeper = Keeper.read(history.keeper);
      warm.memoryMb = history.memoryMb;
      warm.startMs = history.startMs;
      this.#agenda.at(warm, clock.now() + restMs);
    }
  }

  /** A version has a runner. */
  joined(runner: WarmRunner): void {
    const { arn } = runner.resolved.version;
    (this.#functions.get(arn) ?? this.#add(arn)).runners.add(runner);
  }

  /** Its version has no environments any more, or is no longer wanted. */
  left(runner: WarmRunner): void {
    this.#functions.get(runner.resolved.version.arn)?.runners.delete(runner);
  }

  /** One is free: on the way of every request, so it only sees to it that it is looked at in a while. */
  freed(functionArn: FunctionArn): void {
    const warm = this.#functions.get(functionArn);
    if (warm === undefined || warm.looksSoon) return;
    warm.looksSoon = true;
    this.#agenda.before(warm, this.#options.clock.now() + restMs);
  }

  /** One more was needed: `resting`, which is in use again, or one that is being started. */
  called(runner: WarmRunner, resting?: Held): void {
    const { resolved } = runner;
    const warm = this.#functions.get(resolved.version.arn);
    if (warm === undefined) return;
    if (resting !== undefined) this.#budget.noLongerRests(resting);
    warm.lastCalled = resolved;
    warm.calledMs = this.#options.clock.now();
    this.#functions.delete(warm.functionArn);
    this.#functions.set(warm.functionArn, warm);
    let inUse = resting === undefined ? 0 : 1;
    let restingOfOthers = 0;
    for (const one of warm.runners) {
      inUse += one.counts.busy + one.counts.starting;
      if (one !== runner) restingOfOthers += restingOf(one).length;
    }
    warm.keeper.called(warm.calledMs, inUse, versionKey(resolved), restingOfOthers);
    this.#options.histories?.changed(warm.functionArn, () => written(warm));
  }

  /** A start of its has taken so long. */
  learnedStart(functionArn: FunctionArn, startMs: number): void {
    const warm = this.#functions.get(functionArn);
    if (warm !== undefined) warm.startMs += (warm.startMs === 0 ? 1 : newestShare) * (startMs - warm.startMs);
  }

  /** One that rested is gone, and not by what was said here. */
  lost(runner: WarmRunner, held: Held, reason: EndReason): void {
    if (!this.#budget.noLongerRests(held) || this.#closed) return;
    const warm = this.#functions.get(runner.resolved.version.arn);
    const then = noTimeToStart.includes(reason) ? 'pause' : 'goes_on';
    warm?.keeper.givenUp(this.#options.clock.now(), 1, then, versionKey(runner.resolved));
  }

  /** Only versions for which this holds may still be started. */
  retire(keep: (resolved: Resolved) => boolean): void {
    for (const warm of this.#functions.values())
      if (warm.lastCalled !== undefined && !keep(warm.lastCalled)) warm.lastCalled = undefined;
  }

  /** Whether there is memory for one more spare, which nobody waits for. */
  hasMemoryFor(bytes: number): boolean {
    return this.#budget.hasRoomFor(bytes);
  }

  /** Ends the idle environment that is worth least, of any function; false: there is none. */
  giveUpOne(reason: Extract<EndReason, 'evicted' | 'memory'>): boolean {
    let least: { runner: WarmRunner; held: Held; worth: number } | undefined;
    for (const { runners, memoryMb, startMs } of this.#functions.values())
      for (const runner of runners) {
        // What does not rest yet holds no memory that is counted.
        const held = reason === 'memory' ? runner.idle.find(({ resting }) => resting !== undefined) : runner.idle[0];
        if (held === undefined) continue;
        const worth = this.#budget.worthOf(held, { uses: runner.uses, startMs, bytes: memoryMb * mib });
        const isLess = worth < (least?.worth ?? Infinity);
        const isOlder = worth === least?.worth && held.sinceMs < least.held.sinceMs;
        if (isLess || isOlder) least = { runner, held, worth };
      }
    if (least === undefined) return false;
    this.#budget.gaveUp(least.worth);
    least.runner.endIdle(least.held, reason);
    return true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#agenda.close();
    this.#budget.close();
    await this.#options.histories?.close();
  }

  #add(functionArn: FunctionArn): Warm {
    const { clock, telemetry } = this.#options;
    if (this.#functions.size >= functionsMax) this.#forgetOldest();
    const warm: Warm = {
      functionArn,
      keeper: new Keeper(),
      runners: new Set(),
      lastCalled: undefined,
      calledMs: 0,
      memoryMb: bytesGuess / mib,
      startMs: 0,
      startingAhead: 0,
      toStart: undefined,
      looksSoon: false,
      reports: new KeepReports(clock, telemetry),
    };
    this.#functions.set(functionArn, warm);
    return warm;
  }

  /** Of those that have no environments. */
  #forgetOldest(): void {
    for (const warm of this.#functions.values())
      if (warm.runners.size === 0) {
        this.#forget(warm);
        return;
      }
  }

  #forget(warm: Warm): void {
    this.#functions.delete(warm.functionArn);
    this.#agenda.drop(warm);
    this.#aheadQueue.delete(warm);
    this.#options.histories?.forget(warm.functionArn);
  }

  #look(warm: Warm): void {
    if (this.#closed) return;
    if (warm.runners.size === 0 && this.#currentOf(warm) === undefined) {
      this.#forget(warm);
      return;
    }
    const { clock } = this.#options;
    const nowMs = clock.now();
    const monotonicMs = clock.monotonicMs();
    warm.looksSoon = false;
    let resting = 0;
    const free: { held: Held; version: string }[] = [];
    let inUse = 0;
    let nextOldMs = Number.POSITIVE_INFINITY;
    for (const runner of warm.runners) {
      // They cannot be used for long any more; who is still expected gets another one.
      for (const held of runner.idle.filter(({ bornMs }) => monotonicMs - bornMs >= environmentAgeMsMax)) {
        this.#budget.noLongerRests(held);
        runner.endIdle(held, 'age');
      }
      for (const { bornMs } of runner.idle) nextOldMs = Math.min(nextOldMs, bornMs + environmentAgeMsMax);
      // Those that are always there are no more in want of one than those that are busy.
      inUse += runner.counts.busy + runner.counts.idle - runner.idle.length;
      const version = versionKey(runner.resolved);
      for (const held of runner.idle) {
        if (held.resting === undefined) free.push({ held, version });
        else resting += 1;
      }
    }
    if (warm.runners.size > 1) free.sort((one, other) => one.held.sinceMs - other.held.sinceMs);
    const verdict = warm.keeper.look({
      nowMs,
      policy: this.#policyOf(warm),
      cost: this.#costOf(warm),
      freeSinceMs: free.map(({ held }) => nowMs - (monotonicMs - held.sinceMs)),
      freeOf: free.map(({ version }) => version),
      resting,
      inUse,
      startingAhead: warm.startingAhead,
    });
    for (const { held } of free.slice(0, verdict.rest)) this.#rests(warm, held);
    if (verdict.planned !== undefined && free[0] !== undefined)
      warm.reports.planned(this.#basis(warm), verdict.planned, free[0].held.environment.id);
    if (verdict.end > 0) this.#endOldest(warm, verdict.end);
    this.#wantAhead(warm, verdict);
    const nextMs = Math.min(verdict.nextMs ?? Number.POSITIVE_INFINITY, nowMs + nextOldMs - monotonicMs);
    if (nextMs < Number.POSITIVE_INFINITY) this.#agenda.at(warm, nextMs);
    warm.looksSoon = free.length > verdict.rest;
    if (verdict.rest > 0) this.#budget.fit();
  }

  #policyOf(warm: Warm): KeepPolicy {
    const [first] = warm.runners;
    const resolved = first?.resolved ?? this.#currentOf(warm);
    const keepWarm = resolved?.version.settings.keepWarm;
    if (keepWarm === undefined) return this.#options.policy;
    return keepWarm === 'predicted' ? { kind: 'predicted', season: true } : { kind: 'fixed', idleMs: keepWarm };
  }

  #costOf({ memoryMb, startMs }: Warm): KeepCost {
    return { memoryMb, price: coldStartWorthMbMs * this.#budget.plentyFor(memoryMb * mib), startMs };
  }

  #rests(warm: Warm, held: Held): void {
    const bytes = held.environment.memoryBytes() ?? warm.memoryMb * mib;
    warm.memoryMb += newestShare * (bytes / mib - warm.memoryMb);
    this.#budget.rests(held, bytes);
  }

  /** Of those that rest, the ones that have been free longest; those of versions that have more than was planned first. */
  #endOldest(warm: Warm, count: number): void {
    const nowMs = this.#options.clock.now();
    const all = [...warm.runners].flatMap((runner) => {
      const resting = restingOf(runner);
      const surplus = resting.length - warm.keeper.keptOf(versionKey(runner.resolved), nowMs);
      return resting.map((held, index) => ({ runner, held, isSurplus: index < surplus }));
    });
    all.sort((one, other) => Number(other.isSurplus) - Number(one.isSurplus) || one.held.sinceMs - other.held.sinceMs);
    const detail = this.#whyNotKept(warm);
    for (const { runner, held } of all.slice(0, count)) {
      this.#budget.noLongerRests(held);
      runner.endIdle(held, 'idle', detail);
    }
  }

  #whyNotKept(warm: Warm): string {
    const { newest, inputs } = warm.keeper;
    if (newest === undefined) return 'by its season';
    const { plan } = newest;
    switch (plan.reason) {
      case 'fixed':
        return `always ${describePlan(plan)}`;
      case 'unknown':
        return `${describePlan(plan)}, as nothing is known of its pauses`;
      case 'histogram':
        return `${describePlan(plan)}, from ${inputs.calls} pauses between its calls`;
      case 'forecast':
        return `${describePlan(plan)}, from the rhythm of its calls`;
    }
  }

  #wantAhead(warm: Warm, verdict: Verdict): void {
    if (verdict.startAhead === 0) {
      warm.toStart = undefined;
      this.#aheadQueue.delete(warm);
      return;
    }
    const { newest } = warm.keeper;
    const { expected } = verdict;
    if (expected !== undefined) warm.toStart = { expected, text: describeExpected(expected) };
    else warm.toStart = { expected, text: newest === undefined ? '' : describeAhead(newest) };
    this.#aheadQueue.add(warm);
    this.#startAhead();
  }

  /** The next of those that are expected. Each is looked at again when it is there, and may want another one. */
  #startAhead(): void {
    const { clock, hasRoom, runnerOf } = this.#options;
    for (const warm of this.#aheadQueue) {
      if (this.#closed || this.#ahead >= aheadAtOnceMax) return;
      this.#aheadQueue.delete(warm);
      const resolved = this.#currentOf(warm);
      const { toStart } = warm;
      if (resolved === undefined || toStart === undefined) this.#forget(warm);
      else if (!hasRoom() || !this.hasMemoryFor(warm.memoryMb * mib)) warm.keeper.givenUp(clock.now(), 1, 'pause');
      else void this.#startOne(warm, runnerOf(resolved), toStart);
    }
  }

  async #startOne(warm: Warm, runner: WarmRunner, why: Ahead): Promise<void> {
    this.#ahead += 1;
    warm.startingAhead += 1;
    const started = await runner.startAhead(why.text);
    this.#ahead -= 1;
    warm.startingAhead -= 1;
    if (started === undefined) warm.keeper.givenUp(this.#options.clock.now(), 1, 'pause');
    else this.#startedAhead(warm, runner, started, why);
    this.#look(warm);
    this.#startAhead();
  }

  #startedAhead(warm: Warm, runner: WarmRunner, id: EnvironmentId, why: Ahead): void {
    const held = runner.idle.find(({ environment }) => environment.id === id);
    // It rests from the start, for the place that it was started for; or somebody was waiting already.
    if (held === undefined) this.called(runner);
    else this.#rests(warm, held);
    warm.reports.startedAhead(this.#basis(warm), why, id);
  }

  /** What its plans are made from, and by whom it was called last. */
  #basis(warm: Warm): Basis {
    const [first] = warm.runners;
    const { version } = warm.lastCalled ?? first?.resolved ?? {};
    return { version, cost: this.#costOf(warm), inputs: warm.keeper.inputs, newest: warm.keeper.newest?.plan };
  }

  #currentOf({ functionArn, lastCalled }: Warm): Resolved | undefined {
    return lastCalled ?? this.#options.current(functionArn);
  }
}
