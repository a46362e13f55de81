/**
 * What is to be kept of one function: how many of its environments may rest, how many are one too many, how many are to
 * be started before anybody asks, and when to look again. The runners ask it, and so does the replay of a trace.
 *
 * A *place* is left whenever an environment has been free for a second, and is taken by the next call that needs one
 * more: last in, first out. Its plan says when an environment should be there. Whether one is, and which, is none of its
 * business: environments are alike, so only their number counts. Times are epoch ms.
 */
import { KeepPlanner, type WrittenPlanner } from './keep-planner.ts';
import { startAheadShare, type KeepCost, type KeepPlan } from './plan-keep.ts';
import { Season, type Expected, type WrittenSeason } from './season.ts';

/** `fixed`: each is kept so long after its use, nothing is started ahead. */
export type KeepPolicy = { kind: 'predicted'; season: boolean } | { kind: 'fixed'; idleMs: number };

/** An environment that is used again sooner than this is not looked at: a busy function costs nothing here. */
export const restMs = 1_000;
/** Places of one function: as many as there are environments at most. */
const placesMax = 1_000;
/** Nobody expects a call any more. */
const placeAgeMsMax = 14 * 24 * 3_600_000;
/** After something was ended to make room, or could not be started: how long nothing is started ahead. */
const pauseMs = 5 * 60_000;
/** Places that survive a restart: enough to start the next of a rhythm in time. */
const writtenPlacesMax = 8;

type Place = { sinceMs: number; plan: KeepPlan };

export type Situation = {
  nowMs: number;
  policy: KeepPolicy;
  cost: KeepCost;
  /** Since when each environment that is free and does not rest yet has been free: oldest first. */
  freeSinceMs: readonly number[];
  resting: number;
  /** Invocations under way, each in one. */
  inUse: number;
  /** On their way, for nobody yet. */
  startingAhead: number;
};

export type Verdict = {
  /** Of those that are free: so many, the oldest, rest from now on. */
  rest: number;
  /** Of those that rest: so many are too many. */
  end: number;
  startAhead: number;
  /** When to look again; undefined: when one is free again. */
  nextMs: number | undefined;
  /** What was planned just now for the one that rests, and for what is started ahead. */
  planned?: KeepPlan;
  expected?: Expected;
};

export type WrittenKeeper = {
  planner: WrittenPlanner;
  season?: WrittenSeason;
  places: readonly { sinceMs: number; plan: KeepPlan }[];
};

export class Keeper {
  #planner = new KeepPlanner();
  #season = new Season();
  #places: Place[] = [];
  #pausedUntilMs = 0;

  look({ nowMs, policy, cost, freeSinceMs, resting, inUse, startingAhead }: Situation): Verdict {
    let rest = 0;
    let planned: KeepPlan | undefined;
    for (const sinceMs of freeSinceMs) {
      if (sinceMs + restMs > nowMs) break;
      planned = policy.kind === 'fixed' ? fixedPlan(policy.idleMs) : this.#planner.plan(this.#places.length, cost);
      this.#places.push({ sinceMs, plan: planned });
      rest += 1;
    }
    this.#forget(nowMs);
    let wanted = 0;
    let nextMs = Number.POSITIVE_INFINITY;
    const firstFresh = freeSinceMs[rest];
    if (firstFresh !== undefined) nextMs = firstFresh + restMs;
    for (const place of this.#places) {
      if (isAlive(place, nowMs)) wanted += 1;
      nextMs = Math.min(nextMs, changesMs(place, nowMs));
    }
    // A rhythm says more precisely when the next call comes.
    const bySeasonToo = policy.kind === 'predicted' && policy.season && this.#places.at(-1)?.plan.reason !== 'forecast';
    const expected = bySeasonToo
      ? this.#season.expected(
          nowMs,
          (share, ms) => (share - startAheadShare) * cost.price > cost.memoryMb * ms * (1 - share / 2),
        )
      : undefined;
    if (bySeasonToo) nextMs = Math.min(nextMs, this.#season.nextMs(nowMs) ?? Number.POSITIVE_INFINITY);
    const fresh = freeSinceMs.length - rest;
    const bySeason = (expected?.count ?? 0) - inUse - fresh;
    const there = resting + rest;
    const missing = Math.max(wanted, bySeason) - there - startingAhead;
    const isPaused = nowMs < this.#pausedUntilMs;
    if (isPaused && missing > 0) nextMs = Math.min(nextMs, this.#pausedUntilMs);
    return {
      rest,
      end: Math.max(0, there - Math.max(wanted, bySeason)),
      startAhead: isPaused ? 0 : Math.max(0, missing),
      nextMs: nextMs === Number.POSITIVE_INFINITY ? undefined : nextMs,
      ...(planned === undefined ? {} : { planned }),
      ...(expected !== undefined && bySeason > wanted ? { expected } : {}),
    };
  }

  /** One more was needed, whether or not one was there; so many are in use now. */
  called(nowMs: number, inUse: number): void {
    const place = this.#places.pop();
    if (place !== undefined) this.#planner.observe(this.#places.length, Math.max(0, nowMs - place.sinceMs));
    this.#season.record(nowMs, inUse);
  }

  /**
   * So many that rested are gone before their time, or could not be started: what was planned for them is off. `pause`:
   * and for a while nothing is started ahead.
   */
  givenUp(nowMs: number, count: number, then: 'pause' | 'goes_on'): void {
    let left = count;
    for (const place of this.#places) {
      if (left === 0) break;
      if (!isAlive(place, nowMs)) continue;
      place.plan = withoutPresent(place, nowMs);
      left -= 1;
    }
    if (then === 'pause') this.#pausedUntilMs = nowMs + pauseMs;
  }

  /** What is planned for the next call. */
  get newest(): { sinceMs: number; plan: KeepPlan } | undefined {
    return this.#places.at(-1);
  }

  /** What the newest plan was made from. */
  get inputs(): { below: number; calls: number; forecasts: number; cameTrue: number } {
    const below = Math.max(0, this.#places.length - 1);
    return { below, ...this.#planner.known(below) };
  }

  write(): WrittenKeeper {
    const season = this.#season.write();
    return {
      planner: this.#planner.write(),
      ...(season === undefined ? {} : { season }),
      places: this.#places.slice(-writtenPlacesMax).map(({ sinceMs, plan }) => ({ sinceMs, plan })),
    };
  }

  /** What was kept when it was written is gone; what was to be started later still is. */
  static read({ planner, season, places }: WrittenKeeper, nowMs: number): Keeper {
    const keeper = new Keeper();
    keeper.#planner = KeepPlanner.read(planner);
    if (season !== undefined) keeper.#season = Season.read(season);
    keeper.#places = places.map((place) => ({ sinceMs: place.sinceMs, plan: withoutPresent(place, nowMs) }));
    return keeper;
  }

  #forget(nowMs: number): void {
    const tooMany = Math.max(0, this.#places.length - placesMax);
    let gone = tooMany;
    while ((this.#places[gone]?.sinceMs ?? nowMs) < nowMs - placeAgeMsMax) gone += 1;
    if (gone > 0) this.#places.splice(0, gone);
  }
}

const fixedPlan = (idleMs: number): KeepPlan => ({ keepMs: idleMs, reason: 'fixed' });

/** What was planned for now is off, what was planned for later is not. */
function withoutPresent({ sinceMs, plan: { again, reason } }: Place, nowMs: number): KeepPlan {
  const isLater = again !== undefined && sinceMs + again.fromMs > nowMs;
  return { keepMs: 0, reason, ...(isLater ? { again } : {}) };
}

function isAlive({ sinceMs, plan: { keepMs, again } }: Place, nowMs: number): boolean {
  // Written as the times of changes are: what is due then must have changed then.
  if (sinceMs + keepMs > nowMs) return true;
  return again !== undefined && sinceMs + again.fromMs <= nowMs && sinceMs + again.untilMs > nowMs;
}

/** When it is next alive, or no longer is. */
function changesMs({ sinceMs, plan: { keepMs, again } }: Place, nowMs: number): number {
  for (const afterMs of [keepMs, again?.fromMs, again?.untilMs])
    if (afterMs !== undefined && sinceMs + afterMs > nowMs) return sinceMs + afterMs;
  return Number.POSITIVE_INFINITY;
}
