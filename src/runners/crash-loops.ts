/**
 * Versions whose environments cannot be initialised, time and again. One that fails now and then is started as often as
 * it is called, as on Lambda; one that fails in a row is left alone for a while, longer each time, and whoever calls it
 * meanwhile is told the last failure at once, instead of paying for another start that keeps a processor from others.
 *
 *   working → (failures in a row) → failing → paused ⇄ one tries → working
 *
 * A version that was changed is another one, and starts afresh.
 */
import { backOffMs } from '../util/back-off.ts';
import type { Clock } from '../util/clock.ts';
import type { Started } from './runner-host.ts';
import type { Pause } from './runners.ts';

/** So many in a row are no loop yet: who corrects something outside of the code tries a few times. */
export const freeFailures = 3;
export const pauseBounds = { firstMs: 1_000, maxMs: 60_000 } as const;
/** A failure after so long without any is a first one again. */
const forgottenAfterMs = 10 * 60_000;
/** Versions remembered, each with its last failure (some kilobytes); the one that failed longest ago is forgotten. */
const versionsMax = 1_000;

type Failed = Extract<Started, { status: 'init_failed' }>;
type Loop = { failures: number; last: Failed; lastMs: number; nextMs: number };

export class CrashLoops {
  readonly #clock: Clock;
  readonly #fraction: () => number;
  readonly #loops = new Map<string, Loop>();

  /** `fraction`: chance, from 0 to 1. */
  constructor(clock: Clock, fraction: () => number) {
    this.#clock = clock;
    this.#fraction = fraction;
  }

  /** What to answer instead of a start; undefined: start. While one tries, others are answered. */
  paused(version: string): Failed | undefined {
    const loop = this.#loops.get(version);
    if (loop === undefined || loop.failures < freeFailures) return undefined;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= loop.nextMs) {
      loop.nextMs = nowMs + this.#pauseMs(loop.failures);
      return undefined;
    }
    const { retried: _, ...last } = loop.last;
    const pause: Pause = { failures: loop.failures, untilMs: Math.ceil(this.#clock.now() + loop.nextMs - nowMs) };
    return { ...last, start: 'warm', provisionUs: 0, initUs: 0, pause };
  }

  failed(version: string, last: Failed): void {
    const nowMs = this.#clock.monotonicMs();
    const before = this.#loops.get(version);
    const isForgotten = before === undefined || nowMs - before.lastMs > forgottenAfterMs;
    const failures = isForgotten ? 1 : before.failures + 1;
    this.#loops.delete(version);
    this.#loops.set(version, { failures, last, lastMs: nowMs, nextMs: nowMs + this.#pauseMs(failures) });
    const [oldest] = this.#loops.keys();
    if (this.#loops.size > versionsMax && oldest !== undefined) this.#loops.delete(oldest);
  }

  worked(version: string): void {
    this.#loops.delete(version);
  }

  #pauseMs(failures: number): number {
    return backOffMs(Math.max(1, failures - freeFailures + 1), this.#fraction(), pauseBounds);
  }
}
