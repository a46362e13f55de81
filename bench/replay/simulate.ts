/**
 * A trace through a policy, in simulated time. Environments of one function are used last in, first out; a call that
 * finds none warm is a cold start. Memory is enough for all: what counts is what is held while nobody calls.
 */
import { KeepPlanner } from '../../src/runners/predict/keep-planner.ts';
import type { KeepPlan } from '../../src/runners/predict/plan-keep.ts';
import type { Trace, TraceFunction } from './trace.ts';

/** Says of an environment that became idle, with `below` others under it, what becomes of it, and hears how long it was. */
export type Policy = (one: TraceFunction) => {
  plan(below: number): KeepPlan;
  observe(below: number, idleMs: number): void;
};

export type Outcome = {
  calls: number;
  cold: number;
  /** Of idle environments, in GB·h. */
  idleGbHours: number;
  /** The share of calls that were cold, of the functions in order: the third quartile. */
  coldShareThirdQuartile: number;
};

/** One environment that has run: since when it is idle, and what was planned for it then. */
type Idle = { sinceMs: number; plan: KeepPlan };

const mbMsPerGbHour = 1_024 * 3_600_000;
/** How long a start takes in which nobody waits. */
const startMs = 300;

export const fixed =
  (keepMs: number): Policy =>
  () => ({ plan: () => ({ keepMs, reason: 'unknown' }), observe: () => undefined });

export const ours =
  (price: number): Policy =>
  ({ memoryMb }) => {
    const planner = new KeepPlanner();
    return {
      plan: (below) => planner.plan(below, { memoryMb, price, startMs }),
      observe: (below, idleMs) => planner.observe(below, idleMs),
    };
  };

export function simulate(trace: Trace, policy: Policy): Outcome {
  let calls = 0;
  let cold = 0;
  let idleMbMs = 0;
  const coldShares: number[] = [];
  for (const one of trace.functions) {
    const outcome = simulateFunction(one, trace.lengthMs, policy);
    calls += outcome.calls;
    cold += outcome.cold;
    idleMbMs += outcome.idleMs * one.memoryMb;
    if (outcome.calls > 0) coldShares.push(outcome.cold / outcome.calls);
  }
  coldShares.sort((a, b) => a - b);
  return {
    calls,
    cold,
    idleGbHours: idleMbMs / mbMsPerGbHour,
    coldShareThirdQuartile: coldShares[Math.floor(coldShares.length * 0.75)] ?? 0,
  };
}

function simulateFunction(
  one: TraceFunction,
  lengthMs: number,
  policy: Policy,
): { calls: number; cold: number; idleMs: number } {
  const { plan, observe } = policy(one);
  const idle: Idle[] = [];
  /** When those that run will be idle: they all take equally long, so this is their order. */
  const running: number[] = [];
  let calls = 0;
  let cold = 0;
  let idleMs = 0;
  for (const nowMs of one.arrivalsMs()) {
    while (running[0] !== undefined && running[0] <= nowMs)
      idle.push({ sinceMs: running.shift() ?? 0, plan: plan(idle.length) });
    calls += 1;
    const newest = idle.pop();
    if (newest === undefined) cold += 1;
    else {
      const { wasWarm, heldMs } = spent(newest.plan, nowMs - newest.sinceMs);
      if (!wasWarm) cold += 1;
      idleMs += heldMs;
      observe(idle.length, nowMs - newest.sinceMs);
    }
    running.push(nowMs + one.durationMs);
  }
  for (const sinceMs of running) idle.push({ sinceMs, plan: plan(idle.length) });
  for (const { sinceMs, plan: planned } of idle) idleMs += spent(planned, Math.max(0, lengthMs - sinceMs)).heldMs;
  return { calls, cold, idleMs };
}

/** What a plan came to when the next call was `idleMs` later. */
function spent({ keepMs, again }: KeepPlan, idleMs: number): { wasWarm: boolean; heldMs: number } {
  const kept = Math.min(idleMs, keepMs);
  if (again === undefined) return { wasWarm: idleMs <= keepMs, heldMs: kept };
  const fromMs = Math.max(again.fromMs, keepMs);
  const heldAgain = Math.max(0, Math.min(idleMs, again.untilMs) - fromMs);
  const isUp = idleMs >= fromMs + startMs && idleMs <= again.untilMs;
  return { wasWarm: idleMs <= keepMs || isUp, heldMs: kept + heldAgain };
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
    idleGbHours: budgetGbHours - left / mbMsPerGbHour,
    coldShareThirdQuartile: Number.NaN,
  };
}
