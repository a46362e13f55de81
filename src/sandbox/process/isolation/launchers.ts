import type { Clock, Timer } from '../../../util/clock.ts';
import { messageOf } from '../../../util/errors.ts';
import { Trouble } from '../../../util/trouble.ts';
import type { Child } from './children.ts';

/**
 * What waits to be told what to become: a program of ours, or a shell, in the control groups of one environment; or a shell inside its sandbox
 * already.
 */
export type Launcher<Share> = { child: Child; share: Share };

export type LaunchersOptions<Share> = {
  clock: Clock;
  /** How many are kept ready. */
  readyMax: number;
  /** Rejects with `unavailable`. */
  make(): Promise<Launcher<Share>>;
  /** Ends one that nobody will use, and frees what it holds. */
  discard(launcher: Launcher<Share>): Promise<void>;
  log(message: string): void;
};

/** So long after one was taken another is made: what was started with it is up by then. */
const refillDelayMs = 100;

/**
 * Launchers that are ready before anybody needs one. To let a process into a control group, the kernel waits until
 * every processor has passed a quiet moment: 10 to 30 ms, and none of it work. To make its sandbox takes another 10 ms.
 */
export class Launchers<Share> {
  readonly #options: LaunchersOptions<Share>;
  readonly #ready: Launcher<Share>[] = [];
  readonly #trouble: Trouble;
  #refill: Timer | undefined;
  #refilling: Promise<void> | undefined;
  #closed = false;

  constructor(options: LaunchersOptions<Share>) {
    this.#options = options;
    this.#trouble = new Trouble(options.log);
  }

  /** One that is ready; or a new one, by default as those are. */
  take(make = this.#options.make): Launcher<Share> | Promise<Launcher<Share>> {
    let launcher = this.#ready.shift();
    while (launcher?.child.hasExited) {
      void this.#options.discard(launcher);
      launcher = this.#ready.shift();
    }
    this.#refillLater();
    return launcher ?? make();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.empty();
  }

  /** Discards those that are ready, or are being made to be: what is taken from now on is made from now on. */
  async empty(): Promise<void> {
    this.#refill?.cancel();
    await this.#refilling;
    await Promise.all(this.#ready.splice(0).map((launcher) => this.#options.discard(launcher)));
  }

  #refillLater(): void {
    if (this.#closed || this.#options.readyMax === 0 || this.#refilling !== undefined) return;
    this.#refill?.cancel();
    this.#refill = this.#options.clock.schedule(refillDelayMs, () => {
      this.#refilling = this.#fill().finally(() => (this.#refilling = undefined));
    });
  }

  async #fill(): Promise<void> {
    try {
      while (this.#ready.length < this.#options.readyMax && !this.#closed) {
        this.#ready.push(await this.#options.make());
        this.#trouble.over('processes to start environments with are kept ready again');
      }
    } catch (error) {
      // Whoever needs one makes one, and is told what is wrong. That we are closing is nothing wrong.
      if (!this.#closed)
        this.#trouble.met(`no process to start an environment with can be kept ready: ${messageOf(error)}`);
    }
  }
}
