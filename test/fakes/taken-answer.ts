import type { AnswerTaker } from '../../src/sandbox/sandbox.ts';

/** Takes an answer: at once, or when the test says so. */
export class TakenAnswer implements AnswerTaker {
  contentType: string | undefined;
  hasBegun = false;
  hasEnded = false;
  text = '';
  bytesSeen = 0;
  readonly held: (() => void)[] = [];
  readonly #holds: boolean;
  #changed: () => void = () => {};

  constructor({ holds = false } = {}) {
    this.#holds = holds;
  }

  began(contentType: string | undefined): void {
    this.hasBegun = true;
    this.contentType = contentType;
    this.#changed();
  }

  bytes(bytes: Uint8Array, taken: () => void): void {
    this.bytesSeen += bytes.byteLength;
    if (this.bytesSeen < 1_000_000) this.text += Buffer.from(bytes).toString();
    if (this.#holds) this.held.push(taken);
    else taken();
    this.#changed();
  }

  ended(): void {
    this.hasEnded = true;
    this.#changed();
  }

  /** Takes whatever comes and is held, until the invocation is over. */
  async takeAll(outcome: Promise<unknown>): Promise<void> {
    let isOver = false;
    void outcome.then(() => (isOver = true));
    while (!isOver) {
      for (const take of this.held.splice(0)) take();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#changed = resolve));
  }
}
