/**
 * How many environments a version wants whose environments run several invocations at once: so many that each is at 70 %
 * of what it may run, on average over a minute; and over six seconds, where those ask for twice as many as there are.
 * After Knative's autoscaler, with its defaults. https://knative.dev/docs/serving/autoscaling/kpa-specific/
 */
export const utilisation = {
  /** Of what one environment may run at once: the rest is there for what comes while another starts. */
  target: 0.7,
  stableMs: 60_000,
  panicMs: 6_000,
  /** As many times as there are. */
  panicThreshold: 2,
} as const;

/** One part of a window: that much is averaged before it counts, and windows are exact to it. */
const bucketMs = 1_000;
const buckets = utilisation.stableMs / bucketMs;

/** The mean number of invocations under way, over the windows. */
export class ConcurrencyWindows {
  /** Invocation-milliseconds by second; `second` says which one a place is of. */
  readonly #sums = new Float64Array(buckets);
  readonly #seconds = new Float64Array(buckets).fill(-1);
  #firstMs: number | undefined;
  #sinceMs = 0;
  #concurrency = 0;

  /** From now on so many are under way. */
  set(concurrency: number, nowMs: number): void {
    this.#flow(nowMs);
    this.#concurrency = concurrency;
  }

  /** Over the last `windowMs`, or over as much of it as has been seen. */
  average(windowMs: number, nowMs: number): number {
    this.#flow(nowMs);
    if (this.#firstMs === undefined) return 0;
    const from = Math.ceil(nowMs / bucketMs) - windowMs / bucketMs;
    let sum = 0;
    for (let at = 0; at < buckets; at++) if ((this.#seconds[at] ?? -1) >= from) sum += this.#sums[at] ?? 0;
    const seenMs = nowMs - Math.max(this.#firstMs, from * bucketMs);
    return seenMs > 0 ? sum / seenMs : this.#concurrency;
  }

  #flow(nowMs: number): void {
    if (this.#firstMs === undefined) [this.#firstMs, this.#sinceMs] = [nowMs, nowMs];
    let from = Math.max(this.#sinceMs, nowMs - utilisation.stableMs);
    while (from < nowMs) {
      const second = Math.floor(from / bucketMs);
      const to = Math.min(nowMs, (second + 1) * bucketMs);
      const at = second % buckets;
      if (this.#seconds[at] !== second) [this.#seconds[at], this.#sums[at]] = [second, 0];
      this.#sums[at] = (this.#sums[at] ?? 0) + this.#concurrency * (to - from);
      from = to;
    }
    this.#sinceMs = Math.max(this.#sinceMs, nowMs);
  }
}

/** `most`: wanted since the panic began; it is over at `untilMs`. */
export type Panic = { untilMs: number; most: number };

export type Seen = {
  nowMs: number;
  /** Invocations under way, on average over the two windows. */
  stable: number;
  panic: number;
  /** Environments that are there. */
  ready: number;
  /** What each may run at once. */
  perEnvironment: number;
};

/** In a panic never fewer than it wanted at any time of it; it is over when nothing has asked for it for a stable window. */
export function wantedEnvironments(seen: Seen, before: Panic | undefined): { wanted: number; panic?: Panic } {
  const { nowMs, stable, panic, ready, perEnvironment } = seen;
  const each = perEnvironment * utilisation.target;
  const wantedStable = Math.ceil(stable / each);
  const wantedPanic = Math.ceil(panic / each);
  const isOver = wantedPanic >= utilisation.panicThreshold * Math.max(1, ready);
  const isOn = before !== undefined && nowMs < before.untilMs;
  if (!isOver && !isOn) return { wanted: wantedStable };
  const most = Math.max(wantedStable, wantedPanic, isOn ? before.most : 0);
  return {
    wanted: most,
    panic: { most, untilMs: isOver ? nowMs + utilisation.stableMs : (before?.untilMs ?? nowMs) },
  };
}
