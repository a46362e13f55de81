/** How many environments to start now: a pure decision, made whenever somebody begins to wait and once more each tick. */
export type Counts = {
  /** Invocations that wait for an environment of this version. */
  waiting: number;
  /** How long the first of them has waited. */
  waitedMs: number;
  /** Environments on their way. */
  starting: number;
  busy: number;
  /** How long an invocation of this version usually holds an environment; undefined while unknown. */
  averageBusyMs: number | undefined;
  /** How long a new environment usually takes to be ready. */
  averageStartMs: number;
};

/** Somebody who has waited this much longer than a start takes shows that the averages mislead: start one for each. */
const patience = 2;

/**
 * One environment for each that waits, less those on their way, less those whom the busy environments will have
 * served before a new one could be ready: sixteen callers of a function that takes 0.1 ms do not need sixteen.
 */
export function environmentsToStart(counts: Counts): number {
  const unserved = counts.waiting - counts.starting;
  if (unserved <= 0) return 0;
  const misled = counts.waitedMs > patience * counts.averageStartMs;
  if (counts.busy === 0 || counts.averageBusyMs === undefined || misled) return unserved;
  const servedMeanwhile = Math.floor((counts.busy * counts.averageStartMs) / Math.max(counts.averageBusyMs, 0.01));
  return Math.max(0, unserved - servedMeanwhile);
}
