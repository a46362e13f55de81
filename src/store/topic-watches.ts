/**
 * Who wants to know when a topic may have something ready, and when to tell them.
 *
 * A message becomes ready either because of a call (append, redeliver, release), which says so (`changed`), or because
 * time passes (a delay or a lease is over): for that there is one timer for each watched topic, set to its next due
 * time. Nothing is polled, and an unwatched topic costs nothing.
 */
import type { Clock, Timer } from '../util/clock.ts';

/** What the engine knows of a topic's times. */
export type TopicTimes = {
  isReady: boolean;
  /** The earliest time after now at which a message becomes ready. */
  nextDueMs: number | undefined;
};

type Watched = { watchers: Set<() => void>; timer: Timer | undefined; dueMs: number };

/** When the store did not answer: short for who waits, long for a disk that is in trouble. */
const retryMs = 1_000;

export class TopicWatches {
  readonly #clock: Clock;
  readonly #times: (topic: string, nowMs: number) => TopicTimes;
  readonly #topics = new Map<string, Watched>();
  #wakes = new Set<string>();

  constructor(clock: Clock, times: (topic: string, nowMs: number) => TopicTimes) {
    this.#clock = clock;
    this.#times = times;
  }

  watch(topic: string, ready: () => void): { stop(): void } {
    let watched = this.#topics.get(topic);
    if (watched === undefined) {
      const { nextDueMs } = this.#times(topic, this.#clock.now());
      watched = { watchers: new Set(), timer: undefined, dueMs: Infinity };
      this.#topics.set(topic, watched);
      if (nextDueMs !== undefined) this.#setTimer(topic, watched, nextDueMs);
    }
    const { watchers } = watched;
    // An object of its own for each call, so that the same function may watch twice.
    const watcher = (): void => ready();
    watchers.add(watcher);
    return {
      stop: () => {
        watchers.delete(watcher);
        if (watchers.size > 0 || this.#topics.get(topic) !== watched) return;
        watched.timer?.cancel();
        this.#topics.delete(topic);
      },
    };
  }

  /** A message of `topic` becomes ready at `dueMs`. */
  changed(topic: string, dueMs: number): void {
    const watched = this.#topics.get(topic);
    if (watched === undefined) return;
    if (dueMs <= this.#clock.now()) this.#wake(topic);
    else if (dueMs < watched.dueMs) this.#setTimer(topic, watched, dueMs);
  }

  close(): void {
    for (const watched of this.#topics.values()) watched.timer?.cancel();
    this.#topics.clear();
  }

  /** Once for everything that happens in the same turn: a thousand appends are one call. */
  #wake(topic: string): void {
    this.#wakes.add(topic);
    if (this.#wakes.size > 1) return;
    queueMicrotask(() => {
      const topics = this.#wakes;
      this.#wakes = new Set();
      for (const woken of topics) for (const ready of this.#topics.get(woken)?.watchers ?? []) ready();
    });
  }

  #setTimer(topic: string, watched: Watched, dueMs: number): void {
    watched.timer?.cancel();
    watched.dueMs = dueMs;
    // A timer may come a little before its time; then it finds nothing ready and is set again.
    const delayMs = Math.max(1, Math.ceil(dueMs - this.#clock.now()));
    watched.timer = this.#clock.schedule(delayMs, () => {
      watched.timer = undefined;
      watched.dueMs = Infinity;
      const { isReady, nextDueMs } = this.#timesNow(topic);
      if (nextDueMs !== undefined) this.#setTimer(topic, watched, nextDueMs);
      if (isReady) this.#wake(topic);
    });
  }

  /** Nobody calls a timer who could be told that the store does not answer; whoever is woken is told when he looks. */
  #timesNow(topic: string): TopicTimes {
    const nowMs = this.#clock.now();
    try {
      return this.#times(topic, nowMs);
    } catch {
      return { isReady: true, nextDueMs: nowMs + retryMs };
    }
  }
}
