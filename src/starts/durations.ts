/**
 * Many durations in little space, for percentiles that are right to 4 %, whichever of them came first: how many fell
 * between one power of `base` and the next, as DDSketch counts (https://arxiv.org/abs/1908.10693). Sums of them are exact.
 */
import type { Phases } from '../telemetry/telemetry.ts';

/** Microseconds to how many. Bucket 0: less than one. */
export type Durations = Map<number, number>;
/** As JSON. */
export type WrittenDurations = readonly (readonly [bucket: number, count: number])[];

const base = 1.08;
const logOfBase = Math.log(base);
/** 15 minutes are in bucket 268; nothing lasts longer than that and an initialisation. */
const bucketMax = 300;

const bucketOf = (us: number): number => (us < 1 ? 0 : Math.min(bucketMax, 1 + Math.floor(Math.log(us) / logOfBase)));

export function addDuration(durations: Durations, us: number): void {
  const bucket = bucketOf(us);
  durations.set(bucket, (durations.get(bucket) ?? 0) + 1);
}

export function addDurations(durations: Durations, written: WrittenDurations): void {
  for (const [bucket, count] of written) durations.set(bucket, (durations.get(bucket) ?? 0) + count);
}

export const writeDurations = (durations: Durations): WrittenDurations => [...durations];

/** The smallest duration that `share` (0 to 1) of them do not exceed, in microseconds; 0 when there are none. */
export function percentile(durations: Durations, share: number): number {
  let total = 0;
  for (const count of durations.values()) total += count;
  let left = Math.ceil(total * share);
  for (const [bucket, count] of [...durations].sort(([a], [b]) => a - b)) {
    left -= count;
    // The middle of the bucket, in proportion.
    if (left <= 0) return bucket === 0 ? 0 : Math.round(base ** (bucket - 0.5));
  }
  return 0;
}

/** What of an invocation that waited for its environment is counted; `cold` is all that it waited before its handler ran. */
export const countedPhases = ['cold', 'queue', 'place', 'provision', 'init', 'handler', 'reply'] as const;
export type CountedPhase = (typeof countedPhases)[number];

export const coldUs = ({ queueUs, placeUs, provisionUs, initUs }: Phases): number =>
  queueUs + placeUs + provisionUs + initUs;

export const phaseUs = (phases: Phases, phase: CountedPhase): number =>
  phase === 'cold' ? coldUs(phases) : phases[`${phase}Us`];
