/**
 * A trace through the policy of the runners, in simulated time: each function has a `Keeper`, as in a platform, and what
 * it says is done. A call that finds no environment is a cold start. Memory is enough for all: what counts is what is
 * held while nobody calls.
 */
import { Keeper, restMs, type KeepPolicy } from '../../src/runners/predict/keeper.ts';
import type { Trace, TraceFunction } from './trace.ts';

/** `price`: see `KeepCost`. */
export type Keeping = { policy: KeepPolicy; price: number };

export type Outcome = {
  calls: number;
  cold: number;
  /** Environments that were started before anybody asked. */
  startedAhead: number;
  /** Of idle environments, in GB·h. */
  idleGbHours: number;
  /** The share of calls that were cold, of the functions in order: the third quartile. */
  coldShareThirdQuartile: number;
};

const mbMsPerGbHour = 1_024 * 3_600_000;
/** How long a start takes in which nobody waits. */
const startMs = 300;

export function simulate(trace: Trace, keeping: Keeping): Outcome {
  let [calls, cold, startedAhead, idleMbMs] = [0, 0, 0, 0];
  const coldShares: number[] = [];
  for (const one of trace.functions) {
    const outcome = simulateFunction(one, trace.lengthMs, keeping);
    calls += outcome.calls;
    cold += outcome.cold;
    startedAhead += outcome.startedAhead;
    idleMbMs += outcome.idleMs * one.memoryMb;
    if (outcome.calls > 0) coldShares.push(outcome.cold / outcome.calls);
  }
  coldShares.sort((a, b) => a - b);
  return {
    calls,
    cold,
    startedAhead,
    idleGbHours: idleMbMs / mbMsPerGbHour,
    coldShareThirdQuartile: coldShares[Math.floor(coldShares.length * 0.75)] ?? 0,
  };
}

type Tally = { calls: number; cold: number; startedAhead: number; idleMs: number };

function simulateFunction(one: TraceFunction, lengthMs: number, { policy, price }: Keeping): Tally {
  const keeper = new Keeper();
  const cost = { memoryMb: one.memoryMb, price, startMs };
  const tally: Tally = { calls: 0, cold: 0, startedAhead: 0, idleMs: 0 };
  /** When those that run will be free: they all take equally long, so this is their order. */
  const running: number[] = [];
  /** Since when those are free that do not rest yet, oldest first. */
  const fresh: number[] = [];
  /** When those that are started ahead will be there. */
  const starting: number[] = [];
  let resting = 0;
  let nextLookMs = Number.POSITIVE_INFINITY;
  let nowMs = 0;

  const advanceTo = (timeMs: number): void => {
    // What is being started holds memory, too.
    tally.idleMs += (fresh.length + resting + starting.length) * (timeMs - nowMs);
    nowMs = timeMs;
  };
  const look = (): void => {
    const inUse = running.length;
    const verdict = keeper.look({
      nowMs,
      policy,
      cost,
      freeSinceMs: fresh,
      resting,
      inUse,
      startingAhead: starting.length,
    });
    fresh.splice(0, verdict.rest);
    resting += verdict.rest - verdict.end;
    tally.startedAhead += verdict.startAhead;
    for (let count = 0; count < verdict.startAhead; count += 1) starting.push(nowMs + startMs);
    nextLookMs = verdict.nextMs ?? Number.POSITIVE_INFINITY;
  };
  const runUntil = (timeMs: number): void => {
    for (;;) {
      const freeMs = running[0] ?? Number.POSITIVE_INFINITY;
      const startedMs = starting[0] ?? Number.POSITIVE_INFINITY;
      const nextMs = Math.min(freeMs, startedMs, nextLookMs);
      if (nextMs > timeMs) break;
      advanceTo(nextMs);
      if (nextMs === freeMs) {
        running.shift();
        fresh.push(nowMs);
        nextLookMs = Math.min(nextLookMs, nowMs + restMs);
      } else if (nextMs === startedMs) {
        starting.shift();
        resting += 1;
      } else look();
    }
    advanceTo(timeMs);
  };

  for (const timeMs of one.arrivalsMs()) {
    runUntil(timeMs);
    tally.calls += 1;
    if (fresh.length > 0) fresh.pop();
    else {
      if (resting > 0) resting -= 1;
      else tally.cold += 1;
      keeper.called(nowMs, running.length + 1);
    }
    running.push(timeMs + one.durationMs);
  }
  runUntil(lengthMs);
  return tally;
}

/**
 * Who knows the future and only keeps, but starts nothing ahead: the pauses that cost least are bridged until the memory
 * is used up. (Who may start ahead as well has no cold start and holds nothing.)
 */
export function clairvoyant(trace: Trace, budgetGbHours: number): Outcome {
  const pauses: { cost: number }[] = [];
  let calls = 0;
  let firsts = 0;
  for (const one of trace.functions) {
    const sinceMs: number[] = [];
    const running: number[] = [];
    for (const nowMs of one.arrivalsMs()) {
      while (running[0] !== undefined && running[0] <= nowMs) sinceMs.push(running.shift() ?? 0);
      calls += 1;
      const newest = sinceMs.pop();
      if (newest === undefined) firsts += 1;
      else pauses.push({ cost: (nowMs - newest) * one.memoryMb });
      running.push(nowMs + one.durationMs);
    }
  }
  pauses.sort((a, b) => a.cost - b.cost);
  let left = budgetGbHours * mbMsPerGbHour;
  let bridged = 0;
  for (const { cost } of pauses) {
    if (cost > left) break;
    left -= cost;
    bridged += 1;
  }
  return {
    calls,
    cold: firsts + pauses.length - bridged,
    startedAhead: 0,
    idleGbHours: budgetGbHours - left / mbMsPerGbHour,
    coldShareThirdQuartile: Number.NaN,
  };
}
