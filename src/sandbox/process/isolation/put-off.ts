import type { Clock } from '../../../util/clock.ts';

/** Whether work that nobody waits for is left for later because somebody is served just now; it is put off for so long at most. */
export class PutOff {
  readonly #clock: Clock;
  readonly #hasTime: () => boolean;
  readonly #putOffMsMax: number;
  #sinceMs: number | undefined;

  /** `hasTime`: nobody is likely to be served just now. */
  constructor(clock: Clock, hasTime: () => boolean, putOffMsMax: number) {
    this.#clock = clock;
    this.#hasTime = hasTime;
    this.#putOffMsMax = putOffMsMax;
  }

  /** To be asked before each piece of it: where the answer is false, it is done. */
  isPutOff(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (!this.#hasTime()) {
      this.#sinceMs ??= nowMs;
      if (nowMs - this.#sinceMs < this.#putOffMsMax) return true;
    }
    this.#sinceMs = undefined;
    return false;
  }
}
