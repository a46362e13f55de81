/**
 * Who starts an environment next, of all functions: as many at once as keep the processors busy, no function faster than
 * its rate, none without room on this machine, and fairly between accounts and functions (fair-turns.ts).
 */
import type { AccountId, FunctionArn } from '../util/ids.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { FairTurns } from './fair-turns.ts';
import type { ProcessorTimes } from './processor-watch.ts';
import { fullAllowance, isFull, spent, type Allowance } from './scaling-rate.ts';

export type Asker = {
  readonly account: AccountId;
  readonly functionArn: FunctionArn;
  /** How long a start of its usually takes. */
  readonly startMs: number;
  /** How many it would start now; asked before each of its turns. */
  wanted(): number;
  /** It is its turn. Resolves when that start is over: whether there was room for it. Never rejects. */
  start(): Promise<boolean>;
};

export type StartTurnsOptions = {
  clock: Clock;
  /** Starts that compute at the same time, of all functions. */
  atOnceMax: number;
  /** Whether one more environment may be there, if need be in an idle one's stead. */
  hasRoom(): boolean;
  /** The processors' time so far; absent: a start that takes long is taken to wait for something else. */
  times?: () => ProcessorTimes;
};

/** A start that takes longer, while processors are idle, waits for something else, and holds up nobody else's. */
const computingMsMax = 300;
/** Whether they are is watched from here on: to ask takes a fifth of a millisecond, and most starts are over by then. */
const quickMsMax = 30;
/** With less of their time idle they are taken to be busy with it. */
const idleShareMin = 0.1;
/** But no start, whatever its function does in it, holds up others for longer than this. */
const holdUpMsMax = 3_000;
/** Functions whose rates are remembered; those that are full again are forgotten beyond this. */
const allowancesMax = 1_024;

export class StartTurns {
  readonly #options: StartTurnsOptions;
  readonly #turns = new FairTurns();
  readonly #askers = new Set<Asker>();
  readonly #allowances = new Map<FunctionArn, Allowance>();
  #look: { atMs: number; times: ProcessorTimes } | undefined;
  #computing = 0;
  #giving = false;
  #starved = false;

  constructor(options: StartTurnsOptions) {
    this.#options = options;
  }

  /** Somebody wants to start an environment and there is no room for it. */
  get starved(): boolean {
    return this.#starved;
  }

  /** It is given turns as they come, for as long as it wants any. */
  ask(asker: Asker): void {
    this.#askers.add(asker);
    this.give();
  }

  /** Gives as many turns as there may be now. To be called when there may be room again. */
  give(): void {
    if (this.#giving) return;
    this.#giving = true;
    try {
      while (this.#giveOne());
    } finally {
      this.#giving = false;
    }
  }

  #giveOne(): boolean {
    const { atOnceMax, clock, hasRoom } = this.#options;
    for (const asker of this.#askers) if (asker.wanted() === 0) this.#askers.delete(asker);
    if (this.#askers.size === 0) this.#starved = false;
    if (this.#askers.size === 0 || this.#computing >= atOnceMax) return false;
    this.#starved = !hasRoom();
    if (this.#starved) return false;
    const nowMs = clock.monotonicMs();
    const claims = [...this.#askers]
      .filter(({ functionArn }) => spent(this.#allowance(functionArn, nowMs), nowMs) !== undefined)
      .map((asker) => ({ asker, account: asker.account, functionArn: asker.functionArn, cost: asker.startMs }));
    const asker = this.#turns.next(claims)?.asker;
    if (asker === undefined) return false;
    this.#spend(asker.functionArn, nowMs);
    this.#computing += 1;
    let isOver = false;
    const over = (hadRoom: boolean): void => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      this.#computing -= 1;
      // Without room it is no use to try again until somebody has made some, or asks again.
      if (hadRoom) this.give();
      else this.#starved = true;
    };
    let timer = this.#afterComputing(
      nowMs,
      () => over(true),
      (next) => (timer = next),
    );
    void asker.start().then(over);
    return true;
  }

  /** Calls `task` once a start that began at `sinceMs` no longer holds up others; `again` gets each further timer. */
  #afterComputing(sinceMs: number, task: () => void, again: (timer: Timer) => void): Timer {
    const { clock, times } = this.#options;
    if (times === undefined) return clock.schedule(computingMsMax, task);
    const look = (): ProcessorTimes => this.#timesLately(times);
    const watch = (before: ProcessorTimes): void =>
      again(
        clock.schedule(computingMsMax - quickMsMax, () => {
          const after = look();
          const [idleMs, totalMs] = [after.idleMs - before.idleMs, after.totalMs - before.totalMs];
          if (idleMs >= idleShareMin * totalMs || clock.monotonicMs() - sinceMs >= holdUpMsMax) task();
          else watch(after);
        }),
      );
    return clock.schedule(quickMsMax, () => watch(look()));
  }

  /** Asked once for many: for each of a burst it was a fiftieth of the event loop's time. */
  #timesLately(times: () => ProcessorTimes): ProcessorTimes {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#look === undefined || nowMs - this.#look.atMs >= quickMsMax) this.#look = { atMs: nowMs, times: times() };
    return this.#look.times;
  }

  #allowance(functionArn: FunctionArn, nowMs: number): Allowance {
    return this.#allowances.get(functionArn) ?? fullAllowance(nowMs);
  }

  #spend(functionArn: FunctionArn, nowMs: number): void {
    const left = spent(this.#allowance(functionArn, nowMs), nowMs);
    if (left !== undefined) this.#allowances.set(functionArn, left);
    if (this.#allowances.size <= allowancesMax) return;
    for (const [known, allowance] of this.#allowances) if (isFull(allowance, nowMs)) this.#allowances.delete(known);
  }
}
