/** What a line costs the platform, in parts: one for being a line, and one for each so many characters. */
const charactersPerPart = 512;
/** Who prints steadily at less than this is read as it comes: a sixtieth of the event loop, at some three microseconds for a part. */
const partsPerMs = 5;
/** What may come besides: a stack trace, a table, a start that says a lot. */
const partsAtOnceMax = 10_000;
/** Who has flooded does so no longer when it has paused for about so long: what it had printed until then is forgotten. */
const floodMsMax = 100;

/** What so long a line costs. */
export const partsOf = (characters: number): number => 1 + characters / charactersPerPart;

/**
 * Tells whether one environment floods its log. All environments share one event loop, and reading costs more than writing: three
 * million empty lines, which take a moment to print, held up every other function for four seconds. Who floods is read as
 * OutputTurns says, and waits for the platform when the pipe is full, as on any terminal. Pure: time comes in.
 */
export class OutputPace {
  #parts = 0;
  #sinceMs = 0;

  printed(parts: number, nowMs: number): void {
    this.#parts = Math.min(this.#at(nowMs) + parts, partsAtOnceMax + floodMsMax * partsPerMs);
    this.#sinceMs = nowMs;
  }

  /** Until now it was not read from, which is no pause that it has made: several that flood would each be slow enough otherwise. */
  readOn(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  isFlooding(nowMs: number): boolean {
    return this.#at(nowMs) > partsAtOnceMax;
  }

  #at(nowMs: number): number {
    return Math.max(0, this.#parts - (nowMs - this.#sinceMs) * partsPerMs);
  }
}
