/**
 * What is to be kept of one function: how many of its environments may rest, how many are one too many, how many are to
 * be started before anybody asks, and when to look again. The runners ask it, and so does the replay of a trace.
 *
 * A *place* is left whenever an environment has been free for a second, and is taken by the next call that needs one
 * more: last in, first out, but for those that another version's environment holds, which cannot serve that call. Its
 * plan says when an environment should be there. Whether one is, and which, is none of its business: those of one version
 * are alike, so only their number counts. Times are epoch ms.
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

/** `version`: whose environment left it; undefined: it is not known any more. */
type Place = { sinceMs: number; plan: KeepPlan; version?: string };

export type Situation = {
  nowMs: number;
  policy: KeepPolicy;
  cost: KeepCost;
  /** Since when each environment that is free and does not rest yet has been free: oldest first. */
  freeSinceMs: readonly number[];
  /** Which version each of those is of; absent: there is one version alone. */
  freeOf?: readonly string[];
  resting: number;
  /** Environments that are busy, or kept ready whatever is expected. */
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

  look(situation: Situation): Verdict {
    const { nowMs, policy, freeSinceMs, resting, inUse, startingAhead } = situation;
    const { rest, planned } = this.#leavePlaces(situation);
    this.#forget(nowMs);
    const firstFreeMs = freeSinceMs[rest];
    const byPlans = this.#byPlans(situation);
    const expected = this.#expected(situation);
    // Those that do not rest yet are there, too, for whoever is expected at this time of the day.
    const bySeason = (expected?.count ?? 0) - inUse - (freeSinceMs.length - rest);
    const wanted = Math.max(byPlans.count, bySeason);
    const there = resting + rest;
    const missing = policy.kind === 'fixed' ? 0 : Math.max(0, wanted - there - startingAhead);
    const isPaused = nowMs < this.#pausedUntilMs;
    const nextMs = Math.min(
      byPlans.nextMs,
      firstFreeMs === undefined ? never : firstFreeMs + restMs,
      this.#asksSeason(policy) ? (this.#season.nextMs(nowMs) ?? never) : never,
      isPaused && missing > 0 ? this.#pausedUntilMs : never,
    );
    return {
      rest,
      end: Math.max(0, there - wanted),
      startAhead: isPaused ? 0 : missing,
      nextMs: nextMs === never ? undefined : nextMs,
      ...(planned === undefined ? {} : { planned }),
      ...(expected !== undefined && bySeason > byPlans.count ? { expected } : {}),
    };
  }

  /** For those that have been free for long enough. */
  #leavePlaces({ nowMs, policy, cost, freeSinceMs, freeOf }: Situation): Pick<Verdict, 'rest' | 'planned'> {
    let rest = 0;
    let planned: KeepPlan | undefined;
    for (const sinceMs of freeSinceMs) {
      if (sinceMs + restMs > nowMs) break;
      planned = policy.kind === 'fixed' ? fixedPlan(policy) : this.#planner.plan(this.#places.length, cost);
      const version = freeOf?.[rest];
      this.#places.push({ sinceMs, plan: planned, ...(version !== undefined && { version }) });
      rest += 1;
    }
    return { rest, ...(planned === undefined ? {} : { planned }) };
  }

  /** How many should be there, as planned when each became idle, and until when that is so. */
  #byPlans({ nowMs, policy }: Situation): { count: number; nextMs: number } {
    let count = 0;
    let nextMs = never;
    for (const place of this.#places) {
      // A fixed time holds at once, also for those that had another plan.
      if (policy.kind === 'fixed') place.plan = fixedPlan(policy);
      if (isAlive(place, nowMs)) count += 1;
      nextMs = Math.min(nextMs, changesMs(place, nowMs));
    }
    return { count, nextMs };
  }

  #expected({ nowMs, policy, cost: { memoryMb, price } }: Situation): Expected | undefined {
    if (!this.#asksSeason(policy)) return undefined;
    const worthwhile = (share: number, ms: number): boolean =>
      (share - startAheadShare) * price > memoryMb * ms * (1 - share / 2);
    return this.#season.expected(nowMs, worthwhile);
  }

  /** Where calls have a rhythm, that says more precisely when the next one comes. */
  #asksSeason(policy: KeepPolicy): boolean {
    return policy.kind === 'predicted' && policy.season && this.newest?.plan.reason !== 'forecast';
  }

  /**
   * One more was needed, of this version, whether or not one was there; so many are in use now, and so many of other
   * versions rest.
   */
  called(nowMs: number, inUse: number, version?: string, restingOfOthers = 0): void {
    const index = this.#takenBy(nowMs, version, restingOfOthers);
    const [place] = index === -1 ? [] : this.#places.splice(index, 1);
    if (place !== undefined) this.#planner.observe(this.#places.length, Math.max(0, nowMs - place.sinceMs));
    this.#season.record(nowMs, inUse);
  }

  /** Its own, else the newest that no environment of another version holds; -1: there is none. */
  #takenBy(nowMs: number, version: string | undefined, restingOfOthers: number): number {
    const own = version === undefined ? -1 : this.#places.findLastIndex((place) => place.version === version);
    if (own !== -1) return own;
    const isHeld =
      restingOfOthers > 0 && this.#places.filter((place) => isAlive(place, nowMs)).length <= restingOfOthers;
    return this.#places.findLastIndex((place) => !isHeld || !isAlive(place, nowMs));
  }

  /** For how many of this version's environments somebody has planned that they be there now. */
  keptOf(version: string, nowMs: number): number {
    return this.#places.filter((place) => place.version === version && isAlive(place, nowMs)).length;
  }

  /**
   * So many that rested are gone before their time, or could not be started: what was planned for them is off. `pause`:
   * and for a while nothing is started ahead. `version`: whose they were, where that is known.
   */
  givenUp(nowMs: number, count: number, then: 'pause' | 'goes_on', version?: string): void {
    let left = count;
    const own = this.#places.filter((place) => place.version === version);
    const others = this.#places.filter((place) => place.version !== version);
    for (const place of [...own, ...others]) {
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

  /** What was kept when it was written is gone; what was to be started later, or by now, still is. */
  static read({ planner, season, places }: WrittenKeeper): Keeper {
    const keeper = new Keeper();
    keeper.#planner = KeepPlanner.read(planner);
    if (season !== undefined) keeper.#season = Season.read(season);
    keeper.#places = places.map(({ sinceMs, plan }) => ({ sinceMs, plan: { ...plan, keepMs: 0 } }));
    return keeper;
  }

  #forget(nowMs: number): void {
    const tooMany = Math.max(0, this.#places.length - placesMax);
    let gone = tooMany;
    while ((this.#places[gone]?.sinceMs ?? nowMs) < nowMs - placeAgeMsMax) gone += 1;
    if (gone > 0) this.#places.splice(0, gone);
  }
}

const never = Number.POSITIVE_INFINITY;

const fixedPlan = ({ idleMs }: { idleMs: number }): KeepPlan => ({ keepMs: idleMs, reason: 'fixed' });

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
  return never;
}
