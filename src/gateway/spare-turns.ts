import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../util/clock.ts';

/** Who is served from outside is likely to ask again within this time. */
const servedMsMax = 250;
/** Beside such, what large bodies of functions take of the event loop: they rest for three times as long as each piece took. */
const restFactor = 3;
/** A turn that took longer says nothing of the piece in it: the process had no processor. */
const restMsMax = 20;

/**
 * The turns in which pieces of the bodies that functions send are taken: one in each turn of the event loop, whoever sends
 * it, and fewer while anybody from outside is served. To hash and write four megabytes takes this thread some 30 ms, and a
 * function that uploads without pause would have all of it that is left, and its other threads' processors.
 */
export class SpareTurns {
  readonly #clock: Clock;
  #last: Promise<void> = Promise.resolve();
  #servedMs = Number.NEGATIVE_INFINITY;
  #restedMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Somebody from outside is being served. */
  served(nowMs: number): void {
    this.#servedMs = nowMs;
  }

  /** Nobody from outside is likely to ask just now. */
  get areSpare(): boolean {
    return this.#clock.monotonicMs() - this.#servedMs > servedMsMax;
  }

  /** Resolves in a turn of the event loop that nobody else is given. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => this.#turn());
    return this.#last;
  }

  async #turn(): Promise<void> {
    const clock = this.#clock;
    await nextTurn();
    const restMs = this.#restedMs - clock.monotonicMs();
    if (restMs > 0) await new Promise<void>((resolve) => clock.schedule(restMs, resolve));
    const sinceMs = clock.monotonicMs();
    if (this.areSpare) return;
    setImmediate(() => {
      const nowMs = clock.monotonicMs();
      this.#restedMs = nowMs + Math.min(restMsMax, restFactor * (nowMs - sinceMs));
    });
  }
}
