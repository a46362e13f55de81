/**
 * How many environments of a version to start now: a pure decision, made whenever somebody begins to wait, before each
 * start, and once more each tick. What bounds it beyond a version (the rate of a function, the machine's own starts at
 * once, its room) is in start-turns.ts; how many invocations of a function or an account may be there at all, in invoke/admit.ts.
 */
export type Counts = {
  /** Invocations that wait for an environment of this version. */
  waiting: number;
  /** How long the first of them has waited. */
  waitedMs: number;
  /** Environments on their way. */
  starting: number;
  busy: number;
  idle: number;
  /** How long an invocation of this version usually holds an environment; undefined while unknown. */
  averageBusyMs: number | undefined;
  /** How long a new environment usually takes to be ready. */
  averageStartMs: number;
  /** Invocations that one environment runs at the same time. */
  perEnvironment: number;
  /** Environments that its utilisation asks for (see utilisation.ts); 0 where each runs one at a time. */
  wanted: number;
  /** So many keep the processors busy, which are short: more would only divide them. Infinite where they are not. */
  enough: number;
};

/** Who has waited this many starts shows that the averages may mislead: one more environment at each look. */
const patience = 2;
/** Who has waited this many shows that they do: one for each that waits. */
const patienceMax = 8;

/**
 * One environment for each that waits (or for as many as fit into one), less those on their way, less those whom the
 * busy environments will have served before a new one could be ready: sixteen callers of a function that takes 0.1 ms do
 * not need sixteen. None beyond those that keep the processors busy, where these are short.
 */
export function environmentsToStart(counts: Counts): number {
  const present = counts.busy + counts.idle + counts.starting;
  const needed = Math.max(neededByWaiting(counts), counts.wanted - present, 0);
  return Math.min(needed, Math.max(0, counts.enough - present));
}

function neededByWaiting(counts: Counts): number {
  const { waiting, waitedMs, starting, busy, averageBusyMs, averageStartMs, perEnvironment } = counts;
  const needed = Math.ceil(waiting / perEnvironment) - starting;
  if (needed <= 0) return 0;
  if (busy === 0 || averageBusyMs === undefined) return needed;
  if (waitedMs > patienceMax * averageStartMs) return needed;
  if (waitedMs > patience * averageStartMs) return 1;
  const servedMeanwhile = Math.floor((busy * perEnvironment * averageStartMs) / Math.max(averageBusyMs, 0.01));
  return Math.max(0, Math.ceil((waiting - servedMeanwhile) / perEnvironment) - starting);
}
