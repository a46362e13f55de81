/**
 * How work is taken from the log and handed on: what every source that delivers shares.
 *
 * One `Delivery` serves one topic, so that no backlog holds up another. It is woken by the log and never polls. It
 * begins as many pieces of work at once as are admitted:
 *
 *   taken ──▶ waiting ──▶ running ──▶ done
 *                ▲           │
 *                ├── later ──┤
 *                └─ resting ◀┘──▶ set aside
 *
 * `later`: refused just now (throttled, or the store did not answer). Where something unknown is thrown, as a defect does, the
 * piece of work rests by itself, and the others go on. What is thrown at for a minute, ten times and more, is set aside: no
 * waiting helps it, and it would hold up what comes behind it in its group.
 *
 * A refusal shrinks the window to what is still running, and nothing new begins until a piece of work ends (which is
 * when there is room again) or a back-off with jitter is over, whichever is first. While there are no refusals the
 * window grows again. What is held is kept leased; what is held when it stops is left for redelivery.
 */
import type { Clock, Timer } from '../util/clock.ts';
import { backOffMs } from '../util/back-off.ts';
import { PlatformError } from '../util/errors.ts';
import { randomFraction, type Ids } from '../util/ids.ts';
import type { Report } from './source.ts';

export type Work<Item> = {
  /** What it is, for the operator: `invocations of hello`. */
  name: string;
  /** Calls back whenever there may be something to take. */
  watch(ready: () => void): { stop(): void };
  /** Takes at most `max` pieces that are ready now, leased; none: wait for `watch`. */
  take(max: number, signal: AbortSignal): Promise<Item[]>;
  /** Sees it through to its end. A rejection of the store's or by a limit counts as `later`; any other lets it rest. All are reported. */
  handle(item: Item): Promise<Handled>;
  /**
   * Puts it out of the way, so that it is taken no more, and where it can be found. Absent: it is let go of, for what it was
   * taken from brings it back when its lease is over, and counts how often.
   */
  setAside?(item: Item): Promise<void>;
  /** Keeps it leased. False: the lease is lost, somebody else will get it. */
  extend(item: Item): Promise<boolean>;
};

/** `later`: could not be taken up now; the same piece of work is handled again, not before `retryAfterMs` if nothing changes. */
export type Handled =
  | { status: 'done' }
  /** Over as well, and not as it should be: less of it runs at once for a while. */
  | { status: 'failed' }
  | { status: 'later'; retryAfterMs: number };

export const done: Handled = Object.freeze({ status: 'done' });
export const failed: Handled = Object.freeze({ status: 'failed' });

export type Pace = {
  /** Pieces of work that run at once. */
  concurrencyMax: number;
  /** How many run at once when there begins to be work, and how many more each minute as long as that is not enough. Absent: at once all that may. */
  growth?: { first: number; perMinute: number };
  /** Pieces taken before there is room for them, so that the next one is at hand: memory against waiting for the disk. */
  aheadMax: number;
  /** A lease is extended this often, a third of its length. */
  extendEveryMs: number;
};

/** After a refusal: short, because room may come from others at any time; up to what a person would wait for. */
const refusalBounds = { firstMs: 50, maxMs: 30_000 };
/** An unknown error that comes this often for this long comes for ever; until then it may be the moment's. */
const throwsMin = 10;
const throwsMsMin = 60_000;
/** Until it is tried again: ten times within that minute, and not much more often than somebody reads of it. */
const restBounds = { firstMs: 50, maxMs: 10_000 };
/** They are kept leased, and in memory. When there are as many, a defect has to do with all of the work, and no more is taken. */
const restingMax = 64;
/** Between two steps of growth after a refusal: a function with a fixed limit is then refused a few times a second at most. */
const growEveryMs = 500;
const growBy = 1.5;
const minuteMs = 60_000;
/**
 * How long stopping waits for running work; what takes longer is delivered again after the next start. A little less
 * than the platform waits before it ends environments, so that being ended counts as no attempt.
 */
const drainMsMax = 25_000;

export class Delivery<Item extends object> implements AsyncDisposable {
  readonly #work: Work<Item>;
  readonly #pace: Pace;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #report: Report;
  readonly #watch: { stop(): void };
  readonly #stopping = new AbortController();
  readonly #running = new Set<Item>();
  /** What something unknown was thrown at, until it is tried again. */
  readonly #resting = new Map<Item, Timer>();
  /** How often, and since when, that was. */
  readonly #thrown = new WeakMap<Item, { times: number; sinceMs: number }>();
  #waiting: Item[] = [];
  #window: number;
  #changedMs: number;
  /** Since when there has been more to do than `growth` began with; undefined: there is not. */
  #busySinceMs: number | undefined;
  #growing: Timer | undefined;
  #refusals = 0;
  #pause: Timer | undefined;
  #heartbeat: Timer | undefined;
  #mayHaveMore = true;
  #taking = false;
  #idle: (() => void) | undefined;

  constructor(work: Work<Item>, pace: Pace, parts: { clock: Clock; ids: Ids; report: Report }) {
    this.#work = work;
    this.#pace = pace;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#report = parts.report;
    this.#window = pace.concurrencyMax;
    this.#changedMs = parts.clock.monotonicMs();
    this.#watch = work.watch(() => {
      this.#mayHaveMore = true;
      this.#next();
    });
    this.#next();
  }

  /** Takes nothing more; waits for what runs, bounded. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch.stop();
    this.#stopping.abort();
    this.#pause?.cancel();
    this.#growing?.cancel();
    for (const timer of this.#resting.values()) timer.cancel();
    this.#resting.clear();
    this.#waiting = [];
    if (this.#running.size > 0 || this.#taking) {
      let limit: Timer | undefined;
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        limit = this.#clock.schedule(drainMsMax, resolve);
      });
      limit?.cancel();
    }
    // What goes on running beyond the limit stays leased until it ends, if the process lives that long.
    if (this.#running.size === 0) this.#heartbeat?.cancel();
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #next(): void {
    if (this.#stopped) {
      if (this.#running.size === 0 && !this.#taking) this.#idle?.();
      return;
    }
    if (this.#pause !== undefined) return;
    const atOnce = Math.min(this.#window, this.#grown());
    while (this.#running.size < atOnce) {
      const item = this.#waiting.shift();
      if (item === undefined) break;
      void this.#run(item);
    }
    this.#growLater();
    const room = atOnce + this.#pace.aheadMax - this.#running.size - this.#waiting.length;
    const mayTake = this.#mayHaveMore && !this.#taking && this.#resting.size < restingMax;
    if (mayTake && room > 0 && this.#waiting.length * 2 <= this.#pace.aheadMax) {
      void this.#take(room);
    }
  }

  /** How many may run at once by now, as `growth` has it. */
  #grown(): number {
    const { growth, concurrencyMax } = this.#pace;
    if (growth === undefined) return concurrencyMax;
    const nowMs = this.#clock.monotonicMs();
    if (this.#running.size < growth.first) this.#busySinceMs = undefined;
    else this.#busySinceMs ??= nowMs;
    const busyMs = this.#busySinceMs === undefined ? 0 : nowMs - this.#busySinceMs;
    return Math.min(concurrencyMax, growth.first + Math.floor((busyMs / minuteMs) * growth.perMinute));
  }

  #growLater(): void {
    const { growth, concurrencyMax } = this.#pace;
    if (growth === undefined || this.#growing !== undefined) return;
    if (this.#running.size < this.#grown() || this.#running.size >= concurrencyMax) return;
    this.#growing = this.#clock.schedule(minuteMs / growth.perMinute, () => {
      this.#growing = undefined;
      this.#next();
    });
  }

  async #take(max: number): Promise<void> {
    this.#taking = true;
    this.#mayHaveMore = false;
    try {
      const items = await this.#work.take(max, this.#stopping.signal);
      if (items.length > 0) this.#mayHaveMore = true;
      if (!this.#stopped) this.#waiting.push(...items);
    } catch (cause) {
      this.#mayHaveMore = true;
      this.#complain('could not be read', cause);
      this.#refused(0);
    }
    this.#taking = false;
    this.#keepLeased();
    this.#next();
  }

  async #run(item: Item): Promise<void> {
    this.#running.add(item);
    let handled: Handled | { status: 'rests' };
    try {
      handled = await this.#work.handle(item);
    } catch (cause) {
      handled = await this.#refusedBy(cause, item);
    }
    this.#running.delete(item);
    if (handled.status === 'later') {
      if (!this.#stopped) {
        this.#waiting.unshift(item);
        this.#refused(handled.retryAfterMs);
      }
    } else if (handled.status === 'rests') this.#rest(item);
    else {
      this.#admitted();
      if (handled.status === 'failed') this.#shrink();
    }
    this.#next();
  }

  async #refusedBy(cause: unknown, item: Item): Promise<Handled | { status: 'rests' }> {
    // The disk will take it later, and a limit lets it through; nothing helps what a defect makes of it.
    const isRefused = cause instanceof PlatformError && (cause.code === 'unavailable' || cause.code === 'throttled');
    if (isRefused || !this.#isHopeless(item)) {
      this.#complain('could not be delivered', cause);
      return isRefused ? { status: 'later', retryAfterMs: 0 } : { status: 'rests' };
    }
    try {
      await this.#work.setAside?.(item);
    } catch (failure) {
      this.#complain('could not be set aside', failure);
      return { status: 'rests' };
    }
    this.#report(`some of ${this.#work.name} cannot be delivered, ever, and is set aside`, cause);
    return failed;
  }

  /** By what has been thrown at it, this time included. */
  #isHopeless(item: Item): boolean {
    const nowMs = this.#clock.monotonicMs();
    const { times, sinceMs } = this.#thrown.get(item) ?? { times: 0, sinceMs: nowMs };
    this.#thrown.set(item, { times: times + 1, sinceMs });
    return times + 1 >= throwsMin && nowMs - sinceMs >= throwsMsMin;
  }

  #rest(item: Item): void {
    if (this.#stopped) return;
    const { times } = this.#thrown.get(item) ?? { times: 1 };
    const waitMs = backOffMs(times, randomFraction(this.#ids), restBounds);
    const timer = this.#clock.schedule(waitMs, () => {
      this.#resting.delete(item);
      this.#waiting.unshift(item);
      this.#next();
    });
    this.#resting.set(item, timer);
  }

  /** A function that fails is not given as much again at once. */
  #shrink(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#window = Math.max(1, Math.floor(Math.min(this.#window, this.#running.size + 1) / growBy));
    this.#changedMs = nowMs;
  }

  #admitted(): void {
    this.#refusals = 0;
    this.#pause?.cancel();
    this.#pause = undefined;
    const nowMs = this.#clock.monotonicMs();
    if (this.#window >= this.#pace.concurrencyMax || nowMs - this.#changedMs < growEveryMs) return;
    this.#window = Math.min(this.#pace.concurrencyMax, Math.ceil(this.#window * growBy));
    this.#changedMs = nowMs;
  }

  #refused(retryAfterMs: number): void {
    this.#window = Math.max(1, this.#running.size);
    this.#changedMs = this.#clock.monotonicMs();
    if (this.#pause !== undefined || this.#stopped) return;
    this.#refusals += 1;
    const fraction = randomFraction(this.#ids);
    const waitMs = Math.max(retryAfterMs, backOffMs(this.#refusals, fraction, refusalBounds));
    this.#pause = this.#clock.schedule(waitMs, () => {
      this.#pause = undefined;
      this.#next();
    });
  }

  #keepLeased(): void {
    if (this.#heartbeat !== undefined) return;
    if (this.#running.size + this.#waiting.length + this.#resting.size === 0) return;
    this.#heartbeat = this.#clock.schedule(this.#pace.extendEveryMs, () => {
      this.#heartbeat = undefined;
      void this.#extendAll();
    });
  }

  async #extendAll(): Promise<void> {
    for (const item of [...this.#running, ...this.#waiting, ...this.#resting.keys()]) {
      try {
        const ours = await this.#work.extend(item);
        if (ours || this.#running.has(item)) continue;
        this.#waiting = this.#waiting.filter((other) => other !== item);
        this.#resting.get(item)?.cancel();
        this.#resting.delete(item);
      } catch (cause) {
        this.#complain('could not be kept leased', cause);
      }
    }
    if (!this.#stopped || this.#running.size > 0) this.#keepLeased();
  }

  #complain(what: string, cause: unknown): void {
    if (!this.#stopped) this.#report(`${this.#work.name} ${what}; trying again`, cause);
  }
}
