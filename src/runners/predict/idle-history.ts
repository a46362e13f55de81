/**
 * How long the environments of one function have lain idle before the next call came: what a plan to keep them is
 * made from. A histogram over times that grow by a constant factor, and the last few as they were.
 *
 * The histogram is that of "Serverless in the Wild" (Shahrad et al., USENIX ATC 2020, section 4.2) with two changes:
 * its bins grow with the time, so that seconds and days fit in one, and old counts fade, so that it follows change.
 */

/** The first bin ends here, and each next one ends `growth` times later. */
const firstMs = 1_000;
const growth = 1.12;
/** A week: longer idle times are one bin. */
const lastMs = 7 * 24 * 3_600_000;
const binCount = Math.ceil(Math.log(lastMs / firstMs) / Math.log(growth)) + 2;
/** So many of the last are kept as they were: enough to see a rhythm. */
const recentMax = 48;
/** Above this weight all counts are halved: what was longer ago counts for less. */
const weightMax = 600;

export const binEndsMs: readonly number[] = Array.from({ length: binCount }, (_, bin) =>
  bin === binCount - 1 ? Number.POSITIVE_INFINITY : firstMs * growth ** bin,
);

export function binOf(idleMs: number): number {
  if (idleMs <= firstMs) return 0;
  return Math.min(binCount - 1, Math.ceil(Math.log(idleMs / firstMs) / Math.log(growth) - 1e-9));
}

/** `bin, count` pairs, and whole milliseconds. */
export type WrittenHistory = { counts: readonly number[]; recent: readonly number[] };

export class IdleHistory {
  readonly #counts = new Float32Array(binCount);
  readonly #recent: number[] = [];
  #weight = 0;

  /** By bin of `binEndsMs`. */
  get counts(): Readonly<ArrayLike<number>> {
    return this.#counts;
  }

  /** The last idle times in ms, oldest first. */
  get recent(): readonly number[] {
    return this.#recent;
  }

  /** How many the counts stand for, faded. */
  get weight(): number {
    return this.#weight;
  }

  add(idleMs: number): void {
    if (this.#weight >= weightMax) {
      for (let bin = 0; bin < binCount; bin += 1) this.#counts[bin] = (this.#counts[bin] ?? 0) / 2;
      this.#weight /= 2;
    }
    const bin = binOf(idleMs);
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#weight += 1;
    this.#recent.push(idleMs);
    if (this.#recent.length > recentMax) this.#recent.shift();
  }
  write(): WrittenHistory {
    const counts: number[] = [];
    this.#counts.forEach((count, bin) => {
      if (count > 0) counts.push(bin, Math.round(count * 100) / 100);
    });
    return { counts, recent: this.#recent.map(Math.round) };
  }

  static read({ counts, recent }: WrittenHistory): IdleHistory {
    const history = new IdleHistory();
    for (let at = 0; at + 1 < counts.length; at += 2) {
      const [bin = 0, count = 0] = [counts[at], counts[at + 1]];
      if (bin >= binCount) continue;
      history.#counts[bin] = count;
      history.#weight += count;
    }
    history.#recent.push(...recent.slice(-recentMax));
    return history;
  }
}
