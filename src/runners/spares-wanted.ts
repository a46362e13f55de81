/**
 * How many generic environments of a kind to keep ready: the usual number, and more where cold starts of it come in
 * bursts. Pure.
 */

/** Cold starts closer to each other than it takes to refill, with others waiting for a processor, are one burst. */
export const burstMs = 2_000;
/** What a burst was like is half forgotten after this. */
const halfLifeMs = 10 * 60_000;
/** Each takes 30 to 60 MB and some 50 ms of a processor. */
export const sparesMax = 16;

/** The largest burst that is still remembered, and the one that goes on. */
export type Bursts = { peak: number; peakMs: number; count: number; sinceMs: number };
export const noBursts: Bursts = { peak: 0, peakMs: 0, count: 0, sinceMs: Number.NEGATIVE_INFINITY };

export function withColdStart(bursts: Bursts, nowMs: number): Bursts {
  const goesOn = nowMs - bursts.sinceMs < burstMs;
  const count = goesOn ? bursts.count + 1 : 1;
  const sinceMs = goesOn ? bursts.sinceMs : nowMs;
  const isPeak = count >= remembered(bursts, nowMs);
  return isPeak ? { peak: count, peakMs: nowMs, count, sinceMs } : { ...bursts, count, sinceMs };
}

/** `usual`: 0 keeps none at all. */
export function sparesWanted(usual: number, bursts: Bursts, nowMs: number): number {
  if (usual === 0) return 0;
  return Math.max(usual, Math.min(sparesMax, Math.round(remembered(bursts, nowMs))));
}

const remembered = ({ peak, peakMs }: Bursts, nowMs: number): number => peak * 0.5 ** ((nowMs - peakMs) / halfLifeMs);
