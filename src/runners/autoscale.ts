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

/** Who has waited this many starts shows that the averages may mislead: one more environment at each look. */
const patience = 2;
/** Who has waited this many shows that they do: one for each that waits. */
const patienceMax = 8;

/**
 * One environment for each that waits, less those on their way, less those whom the busy environments will have
 * served before a new one could be ready: sixteen callers of a function that takes 0.1 ms do not need sixteen.
 */
export function environmentsToStart(counts: Counts): number {
  const unserved = counts.waiting - counts.starting;
  if (unserved <= 0) return 0;
  if (counts.busy === 0 || counts.averageBusyMs === undefined) return unserved;
  if (counts.waitedMs > patienceMax * counts.averageStartMs) return unserved;
  if (counts.waitedMs > patience * counts.averageStartMs) return 1;
  const servedMeanwhile = Math.floor((counts.busy * counts.averageStartMs) / Math.max(counts.averageBusyMs, 0.01));
  return Math.max(0, unserved - servedMeanwhile);
}
