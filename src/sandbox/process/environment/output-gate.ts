import type { Clock, Timer } from '../../../util/clock.ts';
import { OutputPace } from './output-pace.ts';
import type { Settler } from './settler.ts';

/** What was printed before an answer is waited for at most this long; what floods on behind it is not waited for for ever. */
const outputMsMax = 2_000;

export type OutputGateOptions = {
  clock: Clock;
  settler: Settler;
  flood: OutputFlood;
  /** Everything that an environment prints by, and answers by: nothing may overtake what was printed before it. */
  pause(): void;
  resume(): void;
};

/** How many environments of a sandbox are being rested from: what a flood may have of the event loop is shared by all that flood. */
export type OutputFlood = { resting: number };

/** Stops reading from an environment for a while when it prints faster than its share (see OutputPace). */
export class OutputGate {
  readonly #options: OutputGateOptions;
  readonly #pace = new OutputPace();
  /** Runs while what it prints is not read. */
  #rest: Timer | undefined;
  /** Waits for the end of that. */
  #rested: (() => void) | undefined;

  constructor(options: OutputGateOptions) {
    this.#options = options;
  }

  printed(characters: number): void {
    this.#pace.printed(characters, this.#options.clock.monotonicMs());
    if (this.#pace.tooFast) this.#rest ??= this.#restFromReading();
  }

  /** Calls back once what was printed until now has been read. */
  afterOutput(settle: () => void, untilMs = this.#options.clock.monotonicMs() + outputMsMax): void {
    const { clock, settler } = this.#options;
    settler.afterPoll(() => {
      if (this.#rest === undefined || clock.monotonicMs() >= untilMs) settle();
      else this.#rested = () => this.afterOutput(settle, untilMs);
    });
  }

  #restFromReading(): Timer {
    const { clock, flood, pause, resume } = this.#options;
    pause();
    flood.resting += 1;
    return clock.schedule(this.#pace.restMs(clock.monotonicMs()) * flood.resting, () => {
      flood.resting -= 1;
      // What had been read already when the rest began counts, and is known only now.
      this.#rest = this.#pace.restMs(clock.monotonicMs()) > 0 ? this.#restFromReading() : undefined;
      if (this.#rest !== undefined) return;
      this.#pace.rested(clock.monotonicMs());
      resume();
      const rested = this.#rested;
      this.#rested = undefined;
      rested?.();
    });
  }
}
