/** Counts the invocations under way of one version, and asks utilisation.ts once a second how many environments they want. */
import type { Clock } from '../util/clock.ts';
import { ConcurrencyWindows, utilisation, wantedEnvironments, type Panic } from './utilisation.ts';

export type UtilisationOptions = {
  clock: Clock;
  /** Invocations that one environment runs at the same time. */
  perEnvironment: number;
  /** Environments that are there. */
  ready(): number;
  /** `wanted` has been decided anew. */
  decided(): void;
};

const tickMs = 1_000;

export class UtilisationWatch {
  readonly #options: UtilisationOptions;
  readonly #windows = new ConcurrencyWindows();
  #running = 0;
  #wanted = 0;
  #panic: Panic | undefined;
  #ticking = false;

  constructor(options: UtilisationOptions) {
    this.#options = options;
  }

  /** Environments; 0 when nothing runs. */
  get wanted(): number {
    return this.#running === 0 ? 0 : this.#wanted;
  }

  began(): void {
    this.#changed(1);
  }

  ended(): void {
    this.#changed(-1);
  }

  #changed(by: 1 | -1): void {
    this.#running += by;
    this.#windows.set(this.#running, this.#options.clock.monotonicMs());
    this.#tick();
  }

  #tick(): void {
    if (this.#ticking || this.#running === 0) return;
    this.#ticking = true;
    const { clock, decided, perEnvironment, ready } = this.#options;
    clock.schedule(tickMs, () => {
      this.#ticking = false;
      const nowMs = clock.monotonicMs();
      const stable = this.#windows.average(utilisation.stableMs, nowMs);
      const panic = this.#windows.average(utilisation.panicMs, nowMs);
      const decision = wantedEnvironments({ nowMs, stable, panic, ready: ready(), perEnvironment }, this.#panic);
      [this.#wanted, this.#panic] = [decision.wanted, decision.panic];
      decided();
      this.#tick();
    });
  }
}
