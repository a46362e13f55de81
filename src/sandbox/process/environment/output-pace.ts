/** What a line costs the platform, in parts: one for being a line, and one for each so many characters. */
const charactersPerPart = 512;
/** A part costs the event loop one or two microseconds; at this pace an environment may have a fifth of it. */
const partsPerMs = 100;
/** What may come at once: a stack trace, a table, a start that says a lot. */
const partsAtOnceMax = 10_000;
/** Of a flood, what is read in one go: half a millisecond to one of the event loop, which is a chunk or two of lines as they come. */
const partsInFlood = 500;

/**
 * How fast one environment's output is read. All environments share one event loop, and reading costs more than writing:
 * three million empty lines, which take a moment to print, held up every other function for four seconds. Who prints
 * faster than this waits for the platform when the pipe is full, as on any terminal. Pure: time comes in.
 */
export class OutputPace {
  #parts = 0;
  #sinceMs = 0;

  printed(characters: number, nowMs: number): void {
    this.#parts = this.#at(nowMs) + 1 + characters / charactersPerPart;
    this.#sinceMs = nowMs;
  }

  get tooFast(): boolean {
    return this.#parts > partsAtOnceMax;
  }

  /** It was not read from for a while. However long that was, a flood has no more than its piece of it: others flood, too. */
  rested(nowMs: number): void {
    this.#parts = Math.max(this.#at(nowMs), partsAtOnceMax - partsInFlood);
    this.#sinceMs = nowMs;
  }

  /** How long not to read for. */
  restMs(nowMs: number): number {
    return Math.max(0, (this.#at(nowMs) - (partsAtOnceMax - partsInFlood)) / partsPerMs);
  }

  #at(nowMs: number): number {
    return Math.max(0, this.#parts - (nowMs - this.#sinceMs) * partsPerMs);
  }
}
