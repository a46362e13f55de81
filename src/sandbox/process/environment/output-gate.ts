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
  stop(): void;
  /** What had been read already, and waits, comes first, and may have it stop again at once. */
  goOn(): void;
};

/** Reads what an environment prints piece by piece, and when it floods, no faster than its share (see OutputTurns). */
export class OutputGate {
  readonly #options: OutputGateOptions;
  readonly #pace = new OutputPace();
  #parts = 0;
  #isStopped = false;
  #floodedMs = Number.NEGATIVE_INFINITY;
  /** Waits until what it prints is read on. */
  #afterStop: (() => void) | undefined;

  constructor(options: OutputGateOptions) {
    this.#options = options;
  }

  /** It has been given something to do. */
  called(): void {
    const { clock, turns } = this.#options;
    if (clock.monotonicMs() - this.#floodedMs > calmMsMin) turns.othersCalled();
  }

  /** It floods, or has until not long ago. */
  get isFlooding(): boolean {
    return this.#pace.isFlooding(this.#options.clock.monotonicMs());
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

  /** Calls back once what was printed until now has been read. */
  afterOutput(settle: () => void, untilMs = this.#options.clock.monotonicMs() + outputMsMax): void {
    const { clock, settler } = this.#options;
    settler.afterPoll(() => {
      if (!this.#isStopped || clock.monotonicMs() >= untilMs) settle();
      else this.#afterStop = () => this.afterOutput(settle, untilMs);
    });
  }

  #stop(isFlooding: boolean): void {
    const { turns, stop } = this.#options;
    this.#isStopped = true;
    stop();
    turns.next(() => this.#goOn(), isFlooding);
  }

  #goOn(): void {
    const { clock, goOn } = this.#options;
    this.#isStopped = false;
    this.#parts = 0;
    this.#pace.readOn(clock.monotonicMs());
    goOn();
    if (this.#isStopped) return;
    const after = this.#afterStop;
    this.#afterStop = undefined;
    after?.();
  }
}
