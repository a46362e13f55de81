/**
 * Receives that wait for a first message: each topic's stand in a line, and what comes is looked for by those who have
 * waited longest.
 *
 * Whoever joins a line that has just found nothing does not look: nothing can have become ready since, or the line
 * would have been woken. So a thousand who wait cost one look when something comes, and nothing while nothing does;
 * and all of them share one timer.
 */
import type { Clock, Timer } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';

/** All queues' together: each is a connection that somebody holds open, and a few hundred bytes here. */
export const waitingMax = 10_000;

/** Looks of one line under way at once: they reach the store as one commit, and so many can find something. */
const looksMax = 16;

/** Waits end together within this: a poller that asked for 20 seconds does not mind. */
const timerStepMs = 25;

type Waiter<Found> = {
  look: () => Promise<readonly Found[]>;
  resolve: (found: readonly Found[]) => void;
  reject: (cause: unknown) => void;
};

type Line<Found> = {
  topic: string;
  waiters: Set<Waiter<Found>>;
  watch: { stop(): void };
  isServed: boolean;
  mayHaveMore: boolean;
};

export class Pollers<Found> {
  readonly #clock: Clock;
  readonly #watch: (topic: string, ready: () => void) => { stop(): void };
  readonly #lines = new Map<string, Line<Found>>();
  /** By the step of time at which their wait is over. */
  readonly #ends = new Map<number, Set<() => void>>();
  #timer: { timer: Timer; step: number } | undefined;
  #waiting = 0;

  constructor(parts: { clock: Clock; watch: (topic: string, ready: () => void) => { stop(): void } }) {
    this.#clock = parts.clock;
    this.#watch = parts.watch;
  }

  /** What `look` finds first, or nothing after `waitMs` or when `signal` aborts. Errors: those of `look`; `throttled` when too many wait. */
  async poll(
    topic: string,
    look: () => Promise<readonly Found[]>,
    waitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly Found[]> {
    if (this.#waiting >= waitingMax) {
      throw new PlatformError('throttled', `More than ${waitingMax} receives are waiting for messages.`, {
        reason: 'OverLimit',
        retryAfterMs: 1_000,
      });
    }
    const line = this.#lineOf(topic);
    this.#waiting += 1;
    const { promise, resolve, reject } = Promise.withResolvers<readonly Found[]>();
    const waiter: Waiter<Found> = { look, resolve, reject };
    line.waiters.add(waiter);
    const giveUp = (): void => {
      if (line.waiters.delete(waiter)) resolve([]);
    };
    const end = this.#endAfter(waitMs, giveUp);
    signal?.addEventListener('abort', giveUp);
    try {
      if (line.mayHaveMore) this.#serve(line);
      return await promise;
    } finally {
      this.#waiting -= 1;
      line.waiters.delete(waiter);
      signal?.removeEventListener('abort', giveUp);
      end.cancel();
      this.#leaveEmpty(line);
    }
  }

  /** Has everybody in line look again: their queue is gone. */
  wake(topic: string): void {
    const line = this.#lines.get(topic);
    if (line === undefined) return;
    line.mayHaveMore = true;
    this.#serve(line);
  }

  #lineOf(topic: string): Line<Found> {
    const present = this.#lines.get(topic);
    if (present !== undefined) return present;
    const line: Line<Found> = {
      topic,
      waiters: new Set(),
      watch: this.#watch(topic, () => this.wake(topic)),
      isServed: false,
      mayHaveMore: true,
    };
    this.#lines.set(topic, line);
    return line;
  }

  #leaveEmpty(line: Line<Found>): void {
    if (line.waiters.size > 0 || line.isServed || this.#lines.get(line.topic) !== line) return;
    line.watch.stop();
    this.#lines.delete(line.topic);
  }

  #serve(line: Line<Found>): void {
    if (line.isServed) return;
    line.isServed = true;
    void this.#serveAll(line).finally(() => {
      line.isServed = false;
      if (line.mayHaveMore && line.waiters.size > 0) this.#serve(line);
      else this.#leaveEmpty(line);
    });
  }

  /** Until one of those in front finds nothing, and nothing came meanwhile. */
  async #serveAll(line: Line<Found>): Promise<void> {
    while (line.mayHaveMore && line.waiters.size > 0) {
      line.mayHaveMore = false;
      const first = [...line.waiters.values()].slice(0, looksMax);
      const outcomes = await Promise.all(first.map((waiter) => this.#look(line, waiter)));
      if (outcomes.every((hasFound) => hasFound)) line.mayHaveMore = true;
    }
  }

  /** Whether there may be more for the next. */
  async #look(line: Line<Found>, waiter: Waiter<Found>): Promise<boolean> {
    try {
      const found = await waiter.look();
      if (found.length === 0) return false;
      line.waiters.delete(waiter);
      waiter.resolve(found);
    } catch (cause) {
      line.waiters.delete(waiter);
      waiter.reject(cause);
    }
    return true;
  }

  #endAfter(waitMs: number, end: () => void): { cancel(): void } {
    const step = Math.ceil((this.#clock.monotonicMs() + waitMs) / timerStepMs);
    const ends = this.#ends.get(step) ?? new Set();
    this.#ends.set(step, ends);
    ends.add(end);
    if (this.#timer === undefined || step < this.#timer.step) this.#setTimer(step);
    return {
      cancel: () => {
        ends.delete(end);
        if (ends.size > 0 || this.#ends.get(step) !== ends) return;
        this.#ends.delete(step);
        if (this.#ends.size > 0 || this.#timer === undefined) return;
        this.#timer.timer.cancel();
        this.#timer = undefined;
      },
    };
  }

  #setTimer(step: number): void {
    this.#timer?.timer.cancel();
    const delayMs = Math.max(1, step * timerStepMs - this.#clock.monotonicMs());
    this.#timer = { step, timer: this.#clock.schedule(delayMs, () => this.#endThose()) };
  }

  #endThose(): void {
    this.#timer = undefined;
    const nowStep = this.#clock.monotonicMs() / timerStepMs;
    for (const [step, ends] of this.#ends) {
      if (step > nowStep) continue;
      this.#ends.delete(step);
      for (const end of ends) end();
    }
    if (this.#ends.size > 0) this.#setTimer(Math.min(...this.#ends.keys()));
  }
}
