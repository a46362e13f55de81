/**
 * The time of an environment, divided among the invocations that run in it at the same time: while n of them do, each is
 * given an n-th of it. What all are given together is the time in which any ran, so nothing of it is billed twice.
 */
export class SharedTime {
  readonly #nowMs: () => number;
  #running = 0;
  #sinceMs = 0;
  /** What one that has run from the beginning on would have been given. */
  #givenMs = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** One more runs. The difference between what this answers and what `ended` answers in the end is its share. */
  began(): number {
    this.#pass();
    this.#running += 1;
    return this.#givenMs;
  }

  /** One of them has ended. */
  ended(): number {
    this.#pass();
    this.#running -= 1;
    return this.#givenMs;
  }

  #pass(): void {
    const nowMs = this.#nowMs();
    if (this.#running > 0) this.#givenMs += (nowMs - this.#sinceMs) / this.#running;
    this.#sinceMs = nowMs;
  }
}
