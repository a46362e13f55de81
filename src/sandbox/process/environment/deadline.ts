import type { Clock, Timer } from '../../../util/clock.ts';

/**
 * A time-out that is set anew for one invocation after the other. To set and clear a timer for each would cost more than to
 * give it the event: one timer goes on, and when it fires looks whether what runs then has had its time.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #passed: () => void;
  #timer: Timer | undefined;
  #timerAtMs = 0;
  /** `Infinity`: nothing runs. */
  #atMs = Infinity;
  #isClosed = false;

  constructor(clock: Clock, passed: () => void) {
    this.#clock = clock;
    this.#passed = passed;
  }

  /** What begins now has so long; nothing else has a time-out any more. Nothing, once it is closed: a timer would hold all that it calls. */
  begin(nowMs: number, timeoutMs: number): void {
    if (this.#isClosed) return;
    this.#atMs = nowMs + timeoutMs;
    if (this.#timer !== undefined && this.#timerAtMs <= this.#atMs) return;
    this.#timer?.cancel();
    this.#wait(nowMs, timeoutMs);
  }

  over(): void {
    this.#atMs = Infinity;
  }

  close(): void {
    this.#isClosed = true;
    this.over();
    this.#timer?.cancel();
  }

  #wait(nowMs: number, delayMs: number): void {
    this.#timerAtMs = nowMs + delayMs;
    this.#timer = this.#clock.schedule(delayMs, () => {
      this.#timer = undefined;
      if (this.#atMs === Infinity) return;
      const leftMs = this.#atMs - this.#clock.monotonicMs();
      if (leftMs > 0) return this.#wait(this.#clock.monotonicMs(), leftMs);
      this.over();
      this.#passed();
    });
  }
}
