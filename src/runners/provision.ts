/** The environments of one version that are to be there always: how many, and the starts that keep it so. */
import type { Environment } from '../sandbox/sandbox.ts';
import { backOffMs } from '../util/back-off.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { pauseBounds } from './crash-loops.ts';
import type { Started } from './runner-host.ts';
import type { Origin } from './runners.ts';

export type ProvisionHost = {
  clock: Clock;
  /** Chance, from 0 to 1. */
  fraction(): number;
  /** How many there are now, free or not. */
  present(): number;
  /** How many more may be starting at the same time. */
  room(): number;
  start(): Promise<Started>;
  ready(environment: Environment, origin: Origin): void;
  /** Its code could not be loaded. */
  broken(environment: Environment): void;
  /** None are wanted, and nothing is under way any more. */
  over(): void;
};

/** What ends sooner than this after it was ready has failed like what never was. */
const soundAfterMs = 60_000;

export class Provision {
  readonly #host: ProvisionHost;
  #wanted = 0;
  #starting = 0;
  #failures = 0;
  #readyMs = Number.NEGATIVE_INFINITY;
  #failure: string | undefined;
  #again: Timer | undefined;

  constructor(host: ProvisionHost) {
    this.#host = host;
  }

  get wanted(): number {
    return this.#wanted;
  }

  get starting(): number {
    return this.#starting;
  }

  /** Why the last start failed; undefined: it did not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Forgets what failed. Call `keep` then. */
  want(count: number): void {
    this.#wanted = count;
    this.#failures = 0;
    this.#failure = undefined;
    this.#again?.cancel();
    this.#again = undefined;
  }

  /** Starts what is missing, unless a pause is on. */
  keep(): void {
    if (this.#again !== undefined) return;
    let missing = Math.min(this.#wanted - this.#host.present() - this.#starting, this.#host.room());
    for (; missing > 0; missing -= 1) void this.#start();
  }

  /** The next start not at once: what was there, or would have been, came to nothing. */
  pause(): void {
    if (this.#wanted === 0 || this.#again !== undefined) return;
    const { clock, fraction } = this.#host;
    if (this.#failure === undefined && clock.monotonicMs() - this.#readyMs > soundAfterMs) this.#failures = 0;
    this.#failures += 1;
    this.#again = clock.schedule(backOffMs(this.#failures, fraction(), pauseBounds), () => {
      this.#again = undefined;
      this.keep();
    });
  }

  async #start(): Promise<void> {
    this.#starting += 1;
    const started = await this.#host.start();
    this.#starting -= 1;
    if (started.status === 'ready') {
      this.#readyMs = this.#host.clock.monotonicMs();
      this.#failure = undefined;
      this.#host.ready(started.environment, started.origin);
      this.keep();
      return;
    }
    this.#failure = failureOf(started);
    if (started.status === 'init_failed') this.#host.broken(started.environment);
    this.pause();
    if (this.#wanted + this.#starting === 0) this.#host.over();
  }
}

/** What Lambda says, where it has a name for it. */
function failureOf(started: Exclude<Started, { status: 'ready' }>): string {
  if (started.status === 'init_failed') return 'FUNCTION_ERROR_INIT_FAILURE';
  return started.status === 'full' ? 'this machine has no room for more environments' : started.message;
}
