import type { Clock } from '../../../util/clock.ts';
import { OutputPace, partsOf } from './output-pace.ts';
import type { OutputTurns } from './output-turns.ts';
import type { Settler } from './settler.ts';

/** What was printed before an answer is waited for at most this long; what floods on behind it is not waited for for ever. */
const outputMsMax = 2_000;
/** What is read of one environment before others have their turn, in parts (see OutputPace): less than a millisecond of the event loop. */
const partsInPiece = 250;
/** Who has flooded within this time is not one of those beside whom others that flood are read more slowly. */
const calmMsMin = 1_000;

export type OutputGateOptions = {
  clock: Clock;
  settler: Settler;
  turns: OutputTurns;
  /** Everything that an environment prints by, and answers by: nothing may overtake what was printed before it. */
  stopReading(): void;
  /** What had been read already, and waits, comes first, and may have it stop again at once. */
  readOn(): void;
};

/** Reads what an environment prints piece by piece, and when it floods, no faster than its share (see OutputTurns). */
export class OutputGate {
  readonly #options: OutputGateOptions;
  readonly #pace = new OutputPace();
  #parts = 0;
  #isStopped = false;
  #isStoppedAsFlood = false;
  #floodedMs = Number.NEGATIVE_INFINITY;
  /** They wait until what had been read already does so no longer. */
  #waiting = new Set<() => void>();

  constructor(options: OutputGateOptions) {
    this.#options = options;
  }

  /** It has been given something to do. */
  called(): void {
    const { clock, turns } = this.#options;
    if (!this.#isStoppedAsFlood && clock.monotonicMs() - this.#floodedMs > calmMsMin) turns.othersCalled();
  }

  /** It floods, or has until not long ago. While it waits for its turn it has made no pause, however many have theirs before. */
  get isFlooding(): boolean {
    return this.#isStoppedAsFlood || this.#pace.isFlooding(this.#options.clock.monotonicMs());
  }

  printed(characters: number): void {
    const { clock, turns } = this.#options;
    const [parts, nowMs] = [partsOf(characters), clock.monotonicMs()];
    this.#pace.printed(parts, nowMs);
    const isFlooding = this.#pace.isFlooding(nowMs);
    if (isFlooding) {
      this.#floodedMs = nowMs;
      turns.flooded(parts, nowMs);
    }
    this.#parts += parts;
    if (this.#parts >= partsInPiece && !this.#isStopped) this.#stop(isFlooding);
  }

  /** Calls back once what was printed until now has been read, or has taken too long. */
  afterOutput(settle: () => void): void {
    const { clock, settler } = this.#options;
    const untilMs = clock.monotonicMs() + outputMsMax;
    settler.afterPoll(() => this.#settleUnlessStopped(settle, untilMs));
  }

  /** Resolves when nothing that had been read already waits any more. */
  read(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isStopped) this.#waiting.add(resolve);
      else resolve();
    });
  }

  /** By a timer of its own, since who floods may have its next turn only much later. */
  #settleUnlessStopped(settle: () => void, untilMs: number): void {
    const { clock, settler } = this.#options;
    const leftMs = untilMs - clock.monotonicMs();
    if (!this.#isStopped || leftMs <= 0) return settle();
    const lookAgain = (): void => {
      bound.cancel();
      settler.afterPoll(() => this.#settleUnlessStopped(settle, untilMs));
    };
    const bound = clock.schedule(leftMs, () => {
      this.#waiting.delete(lookAgain);
      settle();
    });
    this.#waiting.add(lookAgain);
  }

  #stop(isFlooding: boolean): void {
    const { turns, stopReading } = this.#options;
    this.#isStopped = true;
    this.#isStoppedAsFlood = isFlooding;
    stopReading();
    turns.next(() => this.#readOn(), isFlooding);
  }

  #readOn(): void {
    const { clock, readOn } = this.#options;
    this.#isStopped = false;
    this.#isStoppedAsFlood = false;
    this.#parts = 0;
    this.#pace.readOn(clock.monotonicMs());
    readOn();
    if (this.#isStopped) return;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const one of waiting) one();
  }
}
