import type { Clock } from '../../../util/clock.ts';

/** An environment whose use of the processors is known. */
export type Consumer = {
  isBusy(): boolean;
  /** Used until now; undefined: nobody counts it here, or it has ended. */
  cpuMs(): number | undefined;
  /** Invocations that it has answered until now. */
  answers(): number;
  /** It has printed more than it may, not long ago: what it prints, others wait behind. */
  floods(): boolean;
  setGreedy(isGreedy: boolean): void;
};

/** How often those that are busy are looked at, which is also the shortest time that one is judged by. */
const lookMs = 100;
/** To read what one has used takes some 20 µs. Where more are busy, each is looked at more rarely. */
const looksMax = 16;
/**
 * Who uses more of a processor than this computes, rather than answers. Functions of less memory than 265 MB may not use more, and so
 * are never greedy, unless they flood their log: what they can take from others is bounded without.
 */
const greedyShare = 0.15;
/** Who is greedy, and uses less: it waits of itself, or has starved beside others, who use all there is by moments. */
const starvedShare = 0.02;

/**
 * Who uses less than this for an answer answers, however many it gives: it pauses after each, so that nobody waits for long behind it.
 * As one that is greedy it had what was left by those who feed it and wait for its answers: at 16 connections, a seventh fewer in a second.
 */
const answersMs = 0.25;
/**
 * Who uses more of a processor than this does not pause, whatever it answers. What it uses need not be for its answers: it may compute
 * beside them. One that answers 20,000 in a second, for 16 connections, uses a fifth; on a machine that others keep busy, 0.4 was the most.
 */
const answersShareMax = 0.6;

/** Where nobody modest has been called for so long, those that are greedy are left to themselves; and who was greedy within it is not modest. */
const modestMsMax = 1_000;

/** What it had used, and answered, when it was looked at last; undefined: it was not yet. */
type Known = { used: { cpuMs: number; answers: number; atMs: number } | undefined; isGreedy: boolean };

/**
 * Finds out who computes without pause, so that those who answer and wait again need not wait behind it for a processor: weights
 * are not enough. Beside four that started processes without pause, each within its quota, one of equal weight waited 11 to 52 ms
 * in one of a hundred times when it woke, and one of sixteen times their weight 4 to 38; where they counted as idle, it was 1 to 2.
 * Who gets nothing that way is greedy no longer, until it gets something: so nobody starves.
 * In the way of an invocation: a look into a map.
 */
export class GreedWatch {
  readonly #clock: Clock;
  /** Who was looked at longest ago is first. */
  readonly #known = new Map<Consumer, Known>();
  readonly #setPulse: (isWanted: boolean) => void;
  /** When each was greedy last. */
  readonly #greedyMs = new WeakMap<Consumer, number>();
  #isLooking = false;
  #greedy = 0;
  #hasPulse = false;
  /** When one that is modest was last given something to do beside one that is greedy. */
  #modestMs = Number.NEGATIVE_INFINITY;

  /** `setPulse`: is told when somebody may have to wait behind those that are greedy, and when nobody does any more. */
  constructor(clock: Clock, setPulse: (isWanted: boolean) => void) {
    this.#clock = clock;
    this.#setPulse = setPulse;
  }

  /** It has been given something to do. */
  began(consumer: Consumer): void {
    const known = this.#known.get(consumer);
    if (this.#greedy > 0 && known?.isGreedy !== true) this.#besideGreedy(consumer);
    if (known !== undefined) return;
    this.#known.set(consumer, { used: undefined, isGreedy: false });
    this.#lookLater();
  }

  #besideGreedy(consumer: Consumer): void {
    const nowMs = this.#clock.monotonicMs();
    // One of many invocations that each compute for a moment: it was idle just when it was looked at.
    if (nowMs - (this.#greedyMs.get(consumer) ?? Number.NEGATIVE_INFINITY) <= modestMsMax) return;
    this.#modestMs = nowMs;
    this.#pulse(true);
  }

  #lookLater(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#clock.schedule(lookMs, () => {
      this.#isLooking = false;
      for (const [consumer, known] of [...this.#known].slice(0, looksMax)) {
        this.#known.delete(consumer);
        const now = this.#look(consumer, known);
        if (now !== undefined) this.#known.set(consumer, now);
      }
      if (this.#greedy === 0 || this.#clock.monotonicMs() - this.#modestMs > modestMsMax) this.#pulse(false);
      if (this.#known.size > 0) this.#lookLater();
    });
  }

  /** Undefined: it is of no interest until it is given something to do again. */
  #look(consumer: Consumer, { used, isGreedy: wasGreedy }: Known): Known | undefined {
    const cpuMs = consumer.isBusy() ? consumer.cpuMs() : undefined;
    if (cpuMs === undefined) {
      if (wasGreedy) this.#setGreedy(consumer, false);
      return undefined;
    }
    const now = { cpuMs, answers: consumer.answers(), atMs: this.#clock.monotonicMs() };
    if (used === undefined) return { used: now, isGreedy: false };
    const [usedMs, sinceMs] = [cpuMs - used.cpuMs, now.atMs - used.atMs];
    const share = wasGreedy ? starvedShare : greedyShare;
    const forAnswersMs = Math.min((now.answers - used.answers) * answersMs, answersShareMax * sinceMs);
    const isGreedy = consumer.floods() || (usedMs > share * sinceMs && usedMs >= forAnswersMs);
    if (isGreedy !== wasGreedy) this.#setGreedy(consumer, isGreedy);
    return { used: now, isGreedy };
  }

  #setGreedy(consumer: Consumer, isGreedy: boolean): void {
    this.#greedy += isGreedy ? 1 : -1;
    if (!isGreedy) this.#greedyMs.set(consumer, this.#clock.monotonicMs());
    consumer.setGreedy(isGreedy);
  }

  #pulse(isWanted: boolean): void {
    if (isWanted === this.#hasPulse) return;
    this.#hasPulse = isWanted;
    this.#setPulse(isWanted);
  }
}
