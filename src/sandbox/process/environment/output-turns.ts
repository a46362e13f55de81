import type { Clock } from '../../../util/clock.ts';

/** What all that flood are read together, in parts (see OutputPace). A part costs the event loop some three microseconds: a third of it. */
const partsPerMs = 100;
/** While others are called: a twelfth of it, and of what a flood takes of the disk, the collector and the processors as much less. */
const partsPerMsBesideOthers = 25;
/** A timer comes so much too late, and what is read after it counts from when it was due. */
const lateMsMax = 2;
/** Others count as being called for so long after the last of them was: as in GreedWatch. */
const othersMsMax = 1_000;

/**
 * The turns of the event loop in which what environments print is read on, where one has printed more than its piece of one: one
 * environment in each, whatever it prints. Of those that flood, one is read from only when what was read of all of them before
 * has had its share of the time. So they take turns, and together get no more than one would.
 */
export class OutputTurns {
  readonly #clock: Clock;
  readonly #floods: (() => void)[] = [];
  readonly #others: (() => void)[] = [];
  /** Is about to give somebody a turn. */
  #isGiving = false;
  /** Looks again when a flood may have one. */
  #isWaiting = false;
  /** When what was read of floods has had its share of the time. */
  #freeMs = Number.NEGATIVE_INFINITY;
  #othersCalledMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One that does not flood has been given something to do. */
  othersCalled(): void {
    this.#othersCalledMs = this.#clock.monotonicMs();
  }

  /** One that floods has printed so much. */
  flooded(parts: number, nowMs: number): void {
    const perMs = nowMs - this.#othersCalledMs > othersMsMax ? partsPerMs : partsPerMsBesideOthers;
    this.#freeMs = Math.max(this.#freeMs, nowMs - lateMsMax) + parts / perMs;
  }

  /** Calls back in a turn that nobody else is given. */
  next(goOn: () => void, isFlooding: boolean): void {
    (isFlooding ? this.#floods : this.#others).push(goOn);
    this.#giveLater();
  }

  #giveLater(): void {
    if (this.#isGiving || this.#floods.length + this.#others.length === 0) return;
    const waitMs = this.#others.length > 0 ? 0 : this.#freeMs - this.#clock.monotonicMs();
    if (waitMs > 0) {
      if (this.#isWaiting) return;
      this.#isWaiting = true;
      this.#clock.schedule(waitMs, () => {
        this.#isWaiting = false;
        if (!this.#isGiving) this.#give();
      });
      return;
    }
    this.#isGiving = true;
    setImmediate(this.#give);
  }

  readonly #give = (): void => {
    this.#isGiving = false;
    const isFree = this.#freeMs <= this.#clock.monotonicMs();
    const goOn = isFree ? (this.#floods.shift() ?? this.#others.shift()) : this.#others.shift();
    goOn?.();
    this.#giveLater();
  };
}
