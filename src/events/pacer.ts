import type { Clock } from '../util/clock.ts';
import { delay } from './source.ts';

/** Waits for its turn: one after the other, at the distance that so many a second leave. Ends at once when `signal` aborts. */
export type Pacer = (perSecond: number) => Promise<void>;

export function createPacer(clock: Clock, signal: AbortSignal): Pacer {
  let nextMs = 0;
  return async (perSecond) => {
    const nowMs = clock.monotonicMs();
    const turnMs = Math.max(nowMs, nextMs);
    nextMs = turnMs + 1_000 / perSecond;
    if (turnMs > nowMs) await delay(clock, turnMs - nowMs, signal);
  };
}
