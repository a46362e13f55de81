import type { Clock, Timer } from '../../../util/clock.ts';
import type { IsolatedProcess } from '../process.ts';

/**
 * So long after its last answer, and at most twice that, an idle environment is frozen. To wake it costs the next call some 0.3 ms,
 * so that one which is called ten times a second or more never is; what a function left running has had its time by then.
 */
const idleMs = 100;

export type IdleFreezerOptions = {
  clock: Clock;
  process: Pick<IsolatedProcess, 'freeze' | 'thaw'>;
  /** `quiet`: nothing is under way in it. `settling`: nothing of the function's, but something that will be over soon. */
  state(): 'busy' | 'settling' | 'quiet';
};

/**
 * Stops what runs in an environment between two invocations, as Lambda does: threads and timers that a handler left
 * behind compute for nobody, and unbilled. In the way of a busy environment it costs the increment of a number.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-invoke
 */
export class IdleFreezer {
  readonly #options: IdleFreezerOptions;
  #timer: Timer | undefined;
  /** How often it has become idle, and how often it had when the timer was set. */
  #times = 0;
  #timesThen = 0;
  #isFrozen = false;

  constructor(options: IdleFreezerOptions) {
    this.#options = options;
  }

  /** It has become idle. */
  idle(): void {
    this.#times += 1;
    this.#timer ??= this.#watch();
  }

  /** To be called before it is given anything to do. */
  wake(): void {
    if (!this.#isFrozen) return;
    this.#isFrozen = false;
    this.#options.process.thaw();
  }

  close(): void {
    this.#timer?.cancel();
  }

  #watch(): Timer {
    this.#timesThen = this.#times;
    return this.#options.clock.schedule(idleMs, () => {
      this.#timer = undefined;
      const state = this.#options.state();
      if (state === 'busy') return;
      if (state === 'settling' || this.#times !== this.#timesThen) this.#timer = this.#watch();
      else this.#isFrozen = this.#options.process.freeze();
    });
  }
}
