/** How long a version's invocations take, as learned from those that have run, and what may be made of it. */
import type { Clock } from '../util/clock.ts';

/** What a start is taken to cost until one has been measured. */
const startMsGuess = 40;
/** The newest measurement's share in a moving average. */
const newestShare = 0.1;
/** Of one in quiet times, slower: what comes just after a rush is still slow from it. */
const quietShare = 0.02;
/** By this share of itself the median is moved by each, up or down. */
const medianStep = 0.02;
/** What is usual is at least this share of the average: some functions are mostly quick, and slow often enough. */
const usualShareMin = 0.25;
/** A busy environment is handed more ahead only while they would wait for less than this altogether. */
export const aheadMsMax = 1;
/** One invocation as long as this shows that the next may be, too: for a while nothing is handed over ahead. */
const slowMs = 20;
const slowForMs = 2_000;
/** Or until so many have not been: of thousands a second, one now and then is slow because the processor was somebody else's. */
const quickAgainAfter = 5_000;
/** Invocations after which the average is believed enough to hand over ahead. */
const knownAfter = 20;

export class Pace {
  readonly #clock: Clock;
  #averageBusyMs: number | undefined;
  /** The average as it is when nobody has to wait. */
  #quietBusyMs: number | undefined;
  #medianBusyMs: number | undefined;
  #averageStartMs = startMsGuess;
  #invocations = 0;
  #slowUntilMs = 0;
  #quickAgainAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long an invocation holds its environment; undefined while unknown. */
  get averageBusyMs(): number | undefined {
    return this.#averageBusyMs;
  }

  get invocations(): number {
    return this.#invocations;
  }

  /** How long a new environment takes to be ready. */
  get averageStartMs(): number {
    return this.#averageStartMs;
  }

  /** `someWait`: there are more callers than environments. */
  learnBusy(busyMs: number, someWait: boolean): void {
    this.#invocations += 1;
    const average = this.#averageBusyMs;
    const now = average === undefined ? busyMs : average + newestShare * (busyMs - average);
    this.#averageBusyMs = now;
    const median = this.#medianBusyMs ?? busyMs;
    this.#medianBusyMs = median * (busyMs > median ? 1 + medianStep : 1 - medianStep);
    const quiet = this.#quietBusyMs ?? now;
    this.#quietBusyMs = someWait ? Math.min(quiet, now) : quiet + quietShare * (now - quiet);
    if (busyMs < slowMs) return;
    this.#slowUntilMs = this.#clock.monotonicMs() + slowForMs;
    this.#quickAgainAt = this.#invocations + quickAgainAfter;
  }

  /** How long it does so while nobody has to wait; undefined while unknown. */
  get quietBusyMs(): number | undefined {
    return this.#quietBusyMs;
  }

  learnStart(startMs: number): void {
    this.#averageStartMs += newestShare * (startMs - this.#averageStartMs);
  }

  /** Whether invocations are so quick that waiting inside a busy environment beats waiting here. */
  get worksAhead(): boolean {
    const average = this.#averageBusyMs;
    if (average === undefined || average >= aheadMsMax || this.#invocations < knownAfter) return false;
    return this.#invocations >= this.#quickAgainAt || this.#clock.monotonicMs() >= this.#slowUntilMs;
  }

  /**
   * Whether one more behind `leases` of them would usually come to its turn within `waitMsMax`: a busy machine takes the processor
   * from one in some hundred for milliseconds, which the average shows, and which more environments would make worse.
   */
  comesSoon(leases: number, waitMsMax: number): boolean {
    const [average, median] = [this.#averageBusyMs, this.#medianBusyMs];
    if (average === undefined || median === undefined) return false;
    return leases * Math.min(average, Math.max(median, average * usualShareMin)) < waitMsMax;
  }

  /** Whether one more behind `leases` of them would come to its turn within `waitMsMax`. */
  fits(leases: number, waitMsMax: number): boolean {
    return leases === 0 || leases * (this.#averageBusyMs ?? waitMsMax) < waitMsMax;
  }
}
