import type { Clock, Timer } from '../util/clock.ts';

/** What is made next: under way, not yet to be begun, or nothing. It never rejects. */
export type Next = Promise<void> | 'later' | undefined;

/** Makes what is wanted in the background, one at a time, each a while after it was asked for: whoever waits for an environment has the processor first. */
export class OneByOne implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #next: () => Next;
  #timer: Timer | undefined;
  #making: Promise<void> | undefined;
  #closed = false;

  /** `next`: begins the next one. */
  constructor({ clock, delayMs, next }: { clock: Clock; delayMs: number; next: () => Next }) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#next = next;
  }

  /** Something is wanted. */
  soon(): void {
    if (this.#closed || this.#timer !== undefined || this.#making !== undefined) return;
    this.#timer = this.#clock.schedule(this.#delayMs, () => {
      this.#timer = undefined;
      const next = this.#next();
      if (next === 'later') this.soon();
      else
        this.#making = next?.finally(() => {
          this.#making = undefined;
          this.soon();
        });
    });
  }

  /** Begins no more, and waits for what is being made. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#making;
  }
}
