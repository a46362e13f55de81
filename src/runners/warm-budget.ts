/**
 * The memory of environments that rest and of those that no function has yet, against what they may hold: an account, and
 * a look at the machine now and then. Who goes when it is overdrawn is said by those who keep them.
 */
import type { Clock, Timer } from '../util/clock.ts';
import type { Held } from './held.ts';
import { allowedBytes, keepPriority, plentyOf, type MachineMemory } from './warm-memory.ts';

/** The environments that no function has yet. */
export type Spares = {
  readonly bytes: number;
  /** Ends one of those that are more than the usual; false: there is none. */
  giveUpExtra(): boolean;
  giveUpOne(): boolean;
  /** Time to have more, or fewer, as they were wanted. */
  adjust(): void;
};

export type WarmBudgetOptions = {
  clock: Clock;
  /** What all of them may hold. */
  budgetBytes: number;
  /** Of this machine now; undefined where it cannot be told. */
  machineMemory: () => MachineMemory | undefined;
  spares: Spares;
  /** Ends the one that rests and is worth least; false: none rests. */
  giveUpOne(): boolean;
};

/** While anything is held, the machine's memory is looked at this often. */
const lookMs = 5_000;

export class WarmBudget {
  readonly #options: WarmBudgetOptions;
  #restingBytes = 0;
  /** Greedy-Dual's: what is used now is worth so much more than what was used at its beginning. */
  #clock = 0;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: WarmBudgetOptions) {
    this.#options = options;
  }

  /** It rests from now on, and holds so much. */
  rests(held: Held, bytes: number): void {
    held.resting = { bytes, clock: this.#clock };
    this.#restingBytes += bytes;
    this.#look();
  }

  /** It is in use again, or ends. False: it did not rest. */
  noLongerRests(held: Held): boolean {
    if (held.resting === undefined) return false;
    this.#restingBytes -= held.resting.bytes;
    held.resting = undefined;
    return true;
  }

  hasRoomFor(bytes: number): boolean {
    return this.#heldBytes + bytes <= this.#allowedBytes;
  }

  /** How many times its usual worth in memory a cold start has, where one more would hold so much. */
  plentyFor(bytes: number): number {
    return plentyOf(this.#allowedBytes, this.#heldBytes + bytes);
  }

  /** What an idle environment is worth to its function. `bytes`: where it does not rest yet. */
  worthOf({ resting }: Held, of: { uses: number; startMs: number; bytes: number }): number {
    return keepPriority({ clock: this.#clock, ...of, ...resting });
  }

  /** One that was worth so much is ended to make room: what was not used since is worth no more than others now. */
  gaveUp(worth: number): void {
    this.#clock = Math.max(this.#clock, worth);
  }

  /** Ends what is worth least until the rest fits. */
  fit(): void {
    const { spares, giveUpOne } = this.#options;
    const allowed = this.#allowedBytes;
    while (this.#heldBytes > allowed) if (!spares.giveUpExtra() && !giveUpOne() && !spares.giveUpOne()) break;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  get #heldBytes(): number {
    return this.#restingBytes + this.#options.spares.bytes;
  }

  get #allowedBytes(): number {
    const { budgetBytes, machineMemory } = this.#options;
    return allowedBytes(budgetBytes, this.#heldBytes, machineMemory());
  }

  #look(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = this.#options.clock.schedule(lookMs, () => {
      this.#timer = undefined;
      this.fit();
      this.#options.spares.adjust();
      if (this.#heldBytes > 0) this.#look();
    });
  }
}
