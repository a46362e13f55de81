/**
 * When of the day, and of the week, one function's environments have been called for: what warms them ahead of a spike
 * that comes back. For each five minutes of the last two weeks, how many were in use at once when one that had been
 * idle, or was not there, was called for. Times are epoch ms, days are those of UTC. Pure but for what it remembers.
 */

/** Short, so that what is warmed ahead is not held long for a spike that comes on the dot. */
const slotMs = 5 * 60_000;
const dayMs = 24 * 3_600_000;
const slotsADay = dayMs / slotMs;
/** Two of each day of the week. */
const daysMax = 14;
/** Slots with a call that are remembered, 8 bytes each: half of those of a fortnight. What is called in more of them is always warm. */
const callsMax = (daysMax * slotsADay) / 2;
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
/** The day of the first call that counts, and a slot and a count for each slot with a call, oldest first. */
export type WrittenSeason = { sinceDay: number; calls: readonly number[] };

/** Whether something that happens with this probability, at any time within `ms`, is worth being ready for. */
export type Worthwhile = (share: number, ms: number) => boolean;

export class Season {
  /** Slot × 256 + count, oldest first: small integers, where a table of all slots would be mostly empty. */
  #calls: number[] = [];
  /** The day of the first call that counts: days before it say nothing. */
  #sinceDay: number | undefined;
  /** Slots of a day in which there was a call on any day that is remembered. */
  readonly #used = new Uint8Array(slotsADay);
  /** The day on which that was last made anew. */
  #usedOfDay: number | undefined;
  /** The last thing expected, and whether it has come. */
  #claim: { slot: number; share: number; cameTrue: boolean } | undefined;
  /** Of those before: the sum of their shares, and how many came true. */
  #claimed = trustAtFirst;
  #cameTrue = trustAtFirst;

  /** One more was called for, and so many are in use now. */
  record(nowMs: number, inUse: number): void {
    const at = Math.floor(nowMs / slotMs);
    if (this.#claim !== undefined && at <= this.#claim.slot + 1) this.#claim.cameTrue = true;
    const count = Math.min(countMax, inUse);
    const last = this.#calls.at(-1);
    if (last === undefined || slotOf(last) < at) this.#calls.push(packed(at, count));
    else if (slotOf(last) === at) this.#calls[this.#calls.length - 1] = packed(at, Math.max(count, countOf(last)));
    const today = Math.floor(at / slotsADay);
    this.#used[at % slotsADay] = 1;
    if (this.#sinceDay === undefined) this.#sinceDay = today;
    if (today !== this.#usedOfDay || this.#calls.length > callsMax) this.#forget(today);
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
    return { sinceDay: this.#sinceDay, calls: this.#calls.flatMap((call) => [slotOf(call), countOf(call)]) };
  }

  static read({ sinceDay, calls }: WrittenSeason): Season {
    const season = new Season();
    season.#sinceDay = sinceDay;
    for (let at = 0; at + 1 < calls.length; at += 2) season.#calls.push(packed(calls[at] ?? 0, calls[at + 1] ?? 0));
    const last = season.#calls.at(-1);
    if (last !== undefined) season.#forget(Math.floor(slotOf(last) / slotsADay));
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
    let [low, high] = [0, this.#calls.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (slotOf(this.#calls[middle] ?? 0) < slot) low = middle + 1;
      else high = middle;
    }
    const found = this.#calls[low];
    return found !== undefined && slotOf(found) === slot ? countOf(found) : 0;
  }

  #forget(today: number): void {
    const fromSlot = (today - daysMax) * slotsADay;
    const old = this.#calls.findIndex((call) => slotOf(call) >= fromSlot);
    const tooMany = this.#calls.length - callsMax;
    this.#calls = this.#calls.slice(Math.max(old, tooMany, 0));
    const [first] = this.#calls;
    // Days that were forgotten for want of room say nothing, either.
    if (tooMany > 0 && first !== undefined) this.#sinceDay = Math.floor(slotOf(first) / slotsADay);
    this.#usedOfDay = today;
    this.#used.fill(0);
    for (const call of this.#calls) this.#used[slotOf(call) % slotsADay] = 1;
  }
}

const packed = (slot: number, count: number): number => slot * 256 + count;
const slotOf = (call: number): number => Math.floor(call / 256);
const countOf = (call: number): number => call % 256;
