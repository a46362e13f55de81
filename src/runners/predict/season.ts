/**
 * When of the day, and of the week, one function's environments have been called for: what warms them ahead of a spike
 * that comes back. For each five minutes of the last two weeks, how many were in use at once when one that had been
 * idle, or was not there, was called for. Times are epoch ms, days are those of UTC. Pure but for what it remembers.
 */

/** Short, so that what is warmed ahead is not held long for a spike that comes on the dot. */
const slotMs = 5 * 60_000;
const dayMs = 24 * 3_600_000;
const slotsADay = dayMs / slotMs;
/** Two of each day of the week. A row of 288 bytes for each day with a call, so at most 4 KB for a function. */
const daysMax = 14;
const week = 7;
/** The same day a week ago says more than all the other days between: what is done on Mondays is done on Mondays. */
const sameWeekdayWeight = 10;
/** Days without a call that are taken to have gone before: one day is no habit. */
const quietDays = 2;
const countMax = 255;
/** What was expected is weighed against what came: so much is taken to have come true before the first. */
const trustAtFirst = 2;

/** So many environments are expected to be called for, at once, at some time before `untilMs`. */
export type Expected = { count: number; share: number; untilMs: number };
/** A day's number and its counts: `slot:count` pairs, for what is kept. */
export type WrittenSeason = { since: number; days: readonly { day: number; counts: readonly number[] }[] };

/** Whether something that happens with this probability, at any time within `ms`, is worth being ready for. */
export type Worthwhile = (share: number, ms: number) => boolean;

export class Season {
  readonly #days = new Map<number, Uint8Array>();
  /** The day of the first call: days before it say nothing. */
  #sinceDay: number | undefined;
  /** Slots of a day in which there was a call on any day that is remembered. */
  readonly #used = new Uint8Array(slotsADay);
  /** The last thing expected, and whether it has come. */
  #claim: { slot: number; share: number; cameTrue: boolean } | undefined;
  /** Of those before: the sum of their shares, and how many came true. */
  #claimed = trustAtFirst;
  #cameTrue = trustAtFirst;

  /** One more was called for, and so many are in use now. */
  record(nowMs: number, inUse: number): void {
    const day = Math.floor(nowMs / dayMs);
    this.#sinceDay ??= day;
    let counts = this.#days.get(day);
    if (counts === undefined) {
      this.#days.set(day, (counts = new Uint8Array(slotsADay)));
      this.#forget(day);
    }
    const at = Math.floor(nowMs / slotMs);
    if (this.#claim !== undefined && at <= this.#claim.slot + 1) this.#claim.cameTrue = true;
    const slot = at % slotsADay;
    counts[slot] = Math.max(counts[slot] ?? 0, Math.min(countMax, inUse));
    this.#used[slot] = 1;
  }

  /** The most that are worth being ready for in this slot and the next: a spike is not always on the same side of a border. */
  expected(nowMs: number, worthwhile: Worthwhile): Expected | undefined {
    const at = Math.floor(nowMs / slotMs);
    const today = Math.floor(at / slotsADay);
    const nextMs = (at + 1) * slotMs;
    if (this.#sinceDay === undefined || today === this.#sinceDay) return undefined;
    const seen: { count: number; weight: number }[] = [];
    let weights = quietDays;
    for (let back = 1; back <= Math.min(daysMax, today - this.#sinceDay); back += 1) {
      const weight = back % week === 0 ? sameWeekdayWeight : 1;
      weights += weight;
      const before = at - back * slotsADay;
      const count = Math.max(this.#countAt(before), this.#countAt(before + 1));
      if (count > 0) seen.push({ count, weight });
    }
    seen.sort((one, other) => other.count - one.count);
    // Of many slots, those that happened to be busy look like a habit: what was expected before tells how often they are.
    const trust = Math.min(1, this.#cameTrue / this.#claimed);
    let reached = 0;
    for (const { count, weight } of seen) {
      reached += weight;
      const share = (reached / weights) * trust;
      if (!worthwhile(share, 2 * slotMs)) continue;
      this.#claims(at, reached / weights);
      return { count, share, untilMs: nextMs };
    }
    return undefined;
  }

  /** When `expected` may next say something else; undefined: it has nothing to say of the day to come. */
  nextMs(nowMs: number): number | undefined {
    const at = Math.floor(nowMs / slotMs);
    for (let ahead = 1; ahead <= slotsADay; ahead += 1) {
      const slot = (at + ahead) % slotsADay;
      // From the slot before one with a call until after it.
      if (this.#used[slot] || this.#used[(slot + 1) % slotsADay] || this.#used[(slot + slotsADay - 1) % slotsADay])
        return (at + ahead) * slotMs;
    }
    return undefined;
  }

  write(): WrittenSeason | undefined {
    if (this.#sinceDay === undefined) return undefined;
    const days = [...this.#days].map(([day, counts]) => ({
      day,
      counts: [...counts].flatMap((count, slot) => (count === 0 ? [] : [slot, count])),
    }));
    return { since: this.#sinceDay, days };
  }

  static read({ since, days }: WrittenSeason): Season {
    const season = new Season();
    season.#sinceDay = since;
    for (const { day, counts } of days.slice(-daysMax - 1)) {
      const row = new Uint8Array(slotsADay);
      for (let at = 0; at + 1 < counts.length; at += 2) {
        const slot = counts[at] ?? 0;
        row[slot] = counts[at + 1] ?? 0;
        if (slot < slotsADay) season.#used[slot] = 1;
      }
      season.#days.set(day, row);
    }
    return season;
  }

  #claims(slot: number, share: number): void {
    if (this.#claim?.slot === slot) return;
    if (this.#claim !== undefined) {
      this.#claimed += this.#claim.share;
      this.#cameTrue += this.#claim.cameTrue ? 1 : 0;
    }
    this.#claim = { slot, share, cameTrue: false };
  }

  #countAt(slot: number): number {
    return this.#days.get(Math.floor(slot / slotsADay))?.[slot % slotsADay] ?? 0;
  }

  #forget(today: number): void {
    for (const day of this.#days.keys()) if (day < today - daysMax) this.#days.delete(day);
    this.#used.fill(0);
    for (const counts of this.#days.values())
      counts.forEach((count, slot) => {
        if (count > 0) this.#used[slot] = 1;
      });
  }
}
