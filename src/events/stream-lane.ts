/**
 * One line of a shard's records: batch after batch, each until it is done or given up, so that what comes later waits.
 *
 *   queue ─▶ batch ─▶ taken ─▶ done ─▶ next
 *                ▲       │─ failed: again after a while; in halves, if so wanted
 *                └───────┘─ too often, or too old: given up
 */
import { streamLimits } from '../resources/stream/shard.ts';
import { backOffMs } from '../util/back-off.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { PlatformError, messageOf } from '../util/errors.ts';
import { randomFraction, type Ids } from '../util/ids.ts';
import { limits } from '../util/limits.ts';
import { delay, type Report } from './source.ts';
import type {
  BatchFailure,
  BatchGivenUp,
  BatchPolicy,
  BatchTaken,
  StreamBatch,
  StreamItem,
  StreamTaker,
  TimeWindow,
} from './stream-batch.ts';

/** What of a lane outlives the process. */
export type LanePosition = { after: string; window?: KeptWindow };
export type KeptWindow = { startMs: number; state: object; isTerminatedEarly: boolean };

export type LaneParts = {
  /** For the operator. */
  name: string;
  shard: string;
  policy: BatchPolicy;
  taker: StreamTaker;
  /** Durable once resolved. */
  save: () => Promise<void>;
  /** There is room for more. */
  drained: () => void;
  clock: Clock;
  ids: Ids;
  report: Report;
};

type Part = { items: readonly StreamItem[]; attempts: number; failure?: BatchFailure };

/** What surrounds the records in an event is far below this. */
const eventBytesMax = limits.syncPayloadBytesMax - 16 * 1024;
/** https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html */
const stateBytesMax = 1024 * 1024;
/** Short at first, since what comes behind waits; then as long as anything else that is refused. */
const retryBounds = { firstMs: 200, maxMs: 30_000 };
/** So long after the end of a window its last records may still be on their way. */
const windowGraceMs = 1_000;

export class StreamLane {
  readonly #parts: LaneParts;
  readonly #signal: AbortSignal;
  #queue: StreamItem[] = [];
  #bytes = 0;
  /** Since when the first in the queue waits. */
  #waitingSinceMs = 0;
  #after: string;
  #window: KeptWindow | undefined;
  #isBusy = false;
  #isEnded = false;
  #changed: (() => void) | undefined;
  readonly ended: Promise<void>;

  constructor(parts: LaneParts, { after, window }: LanePosition, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#after = after;
    this.#window = parts.policy.tumblingMs === undefined ? undefined : window;
    signal.addEventListener('abort', () => this.#changed?.(), { once: true });
    this.ended = this.#run();
  }

  /** Bytes that wait, or are being taken. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All before it is done; with nothing to do, all up to `read`. */
  position(read: string): LanePosition {
    const isIdle = this.#queue.length === 0 && !this.#isBusy;
    return {
      after: isIdle && read > this.#after ? read : this.#after,
      ...(this.#window !== undefined && { window: this.#window }),
    };
  }

  /** Where it was when it began: what is not after it has been done before. */
  isNew({ sequence }: { sequence: string }): boolean {
    return sequence > this.#after;
  }

  offer(item: StreamItem): void {
    if (this.#queue.length === 0) this.#waitingSinceMs = this.#parts.clock.monotonicMs();
    this.#queue.push(item);
    this.#bytes += item.bytes;
    this.#changed?.();
  }

  /** Nothing more comes. */
  end(): void {
    this.#isEnded = true;
    this.#changed?.();
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      const batch = this.#next();
      if (batch === 'over') return;
      if (typeof batch === 'number') {
        await this.#wait(batch);
        continue;
      }
      this.#isBusy = true;
      await this.#seeThrough(batch);
      this.#isBusy = false;
      this.#parts.drained();
    }
  }

  /** A batch, how long to wait for one, or that there will be none. */
  #next(): readonly StreamItem[] | number | 'over' {
    const { clock, policy } = this.#parts;
    const [first] = this.#queue;
    const finalMs = this.#msToFinal(first);
    if (finalMs === 0) return [];
    if (first === undefined) return this.#isEnded && this.#window === undefined ? 'over' : finalMs;
    const batch = this.#batch();
    const isFull = batch.length >= policy.batchMax || batch.length < this.#queue.length || this.#isEnded;
    const waitMs = isFull ? 0 : this.#waitingSinceMs + policy.windowMs - clock.monotonicMs();
    return waitMs <= 0 ? batch : Math.min(waitMs, finalMs);
  }

  /** What fits together from the front of the queue. */
  #batch(): readonly StreamItem[] {
    const { batchMax } = this.#parts.policy;
    const startMs = this.#queue[0] === undefined ? 0 : this.#windowStart(this.#queue[0]);
    let bytes = 0;
    let count = 0;
    for (const item of this.#queue) {
      bytes += item.bytes;
      if (count >= batchMax || (count > 0 && bytes > eventBytesMax) || this.#windowStart(item) !== startMs) break;
      count += 1;
    }
    return this.#queue.slice(0, count);
  }

  #windowStart({ timeMs }: StreamItem): number {
    const { tumblingMs } = this.#parts.policy;
    return tumblingMs === undefined ? 0 : Math.floor(timeMs / tumblingMs) * tumblingMs;
  }

  /** Until the window that is open is to end: 0 now, infinite without one. */
  #msToFinal(first: StreamItem | undefined): number {
    const { clock, policy } = this.#parts;
    const window = this.#window;
    if (window === undefined || policy.tumblingMs === undefined) return Number.POSITIVE_INFINITY;
    if (window.isTerminatedEarly || (first === undefined && this.#isEnded)) return 0;
    if (first !== undefined) return this.#windowStart(first) === window.startMs ? Number.POSITIVE_INFINITY : 0;
    return Math.max(0, window.startMs + policy.tumblingMs + windowGraceMs - clock.now());
  }

  /** Empty: the end of a window. */
  async #seeThrough(batch: readonly StreamItem[]): Promise<void> {
    const parts: Part[] = [{ items: batch, attempts: 0 }];
    let refusals = 0;
    for (let part = parts.shift(); part !== undefined && !this.#signal.aborted; part = parts.shift()) {
      const left = await this.#withoutTooOld(part);
      if (left === undefined) continue;
      const taken = await this.#take(left);
      if (taken.status === 'later') {
        refusals += 1;
        parts.unshift(left);
        await this.#pause(refusals, taken.retryAfterMs);
        continue;
      }
      refusals = 0;
      parts.unshift(...(await this.#leftOf(left, taken)));
    }
  }

  /** What is left to do of a part that was taken. */
  async #leftOf(part: Part, taken: Exclude<BatchTaken, { status: 'later' }>): Promise<readonly Part[]> {
    const { items } = part;
    switch (taken.status) {
      case 'done':
        await this.#done(items, taken.state);
        return [];
      case 'hopeless':
        if (items.length > 1) return items.map((item) => ({ items: [item], attempts: part.attempts }));
        await this.#giveUp(part, {
          condition: 'RecursiveLoopDetected',
          message: taken.message,
          attempts: part.attempts,
        });
        return [];
      case 'partly':
        if (taken.failedFrom > 0) {
          await this.#done(items.slice(0, taken.failedFrom), taken.state);
          // The rest has failed once.
          return this.#failed({ items: items.slice(taken.failedFrom), attempts: 0 }, taken.failure);
        }
        return this.#failed(part, taken.failure);
      case 'failed':
        return this.#failed(part, taken.failure);
    }
  }

  async #failed({ items, attempts: before }: Part, failure: BatchFailure): Promise<readonly Part[]> {
    const { bisects, retriesMax } = this.#parts.policy;
    if (bisects && items.length > 1) {
      // Being divided does not count as a retry.
      const middle = Math.ceil(items.length / 2);
      return [items.slice(0, middle), items.slice(middle)].map((half) => ({ items: half, attempts: before, failure }));
    }
    const attempts = before + 1;
    const part: Part = { items, attempts, failure };
    if (retriesMax !== undefined && attempts > retriesMax) {
      const message = `${attempts === 1 ? 'the only attempt' : `all ${attempts} attempts`} failed: ${failure.message}`;
      await this.#giveUp(part, {
        condition: 'RetryAttemptsExhausted',
        message,
        attempts,
        ...(failure.response !== undefined && { response: failure.response }),
      });
      return [];
    }
    await this.#pause(attempts, 0);
    return [part];
  }

  /** Undefined: nothing is left of it. */
  async #withoutTooOld(part: Part): Promise<Part | undefined> {
    const { clock, policy } = this.#parts;
    const ageMaxMs = Math.min(policy.ageMaxMs ?? streamLimits.keptMs, streamLimits.keptMs);
    const youngMs = clock.now() - ageMaxMs;
    const young = part.items.findIndex(({ timeMs }) => timeMs >= youngMs);
    const count = young < 0 ? part.items.length : young;
    if (count === 0) return part;
    const old: Part = { ...part, items: part.items.slice(0, count) };
    const message = `it was older than ${Math.round(ageMaxMs / 1_000)} s${part.failure === undefined ? '' : `, and had failed: ${part.failure.message}`}`;
    await this.#giveUp(old, { condition: 'RecordAgeExceeded', message, attempts: part.attempts });
    return count === part.items.length ? undefined : { ...part, items: part.items.slice(count) };
  }

  async #take(part: Part): Promise<BatchTaken> {
    const { taker, report, name } = this.#parts;
    try {
      return await taker.take(this.#batchOf(part));
    } catch (cause) {
      report(`${name} could not be delivered; trying again`, cause);
      if (cause instanceof PlatformError && cause.fault === 'platform') return { status: 'later', retryAfterMs: 0 };
      if (cause instanceof PlatformError && cause.code === 'throttled')
        return { status: 'later', retryAfterMs: cause.retryAfterMs ?? 0 };
      return { status: 'failed', failure: { message: messageOf(cause) } };
    }
  }

  #batchOf({ items, attempts }: Part): StreamBatch {
    const { shard, policy } = this.#parts;
    const { tumblingMs } = policy;
    const batch: StreamBatch = { shard, items, attempt: attempts + 1 };
    if (tumblingMs === undefined) return batch;
    const [first] = items;
    const kept = this.#window ?? {
      startMs: first === undefined ? 0 : this.#windowStart(first),
      state: {},
      isTerminatedEarly: false,
    };
    const window: TimeWindow = { ...kept, endMs: kept.startMs + tumblingMs, isFinal: first === undefined };
    return { ...batch, window };
  }

  async #done(items: readonly StreamItem[], state: object | undefined): Promise<void> {
    const { tumblingMs } = this.#parts.policy;
    const [first] = items;
    if (first === undefined) this.#window = undefined;
    else if (tumblingMs !== undefined) {
      const next = state ?? this.#window?.state ?? {};
      const isTerminatedEarly = Buffer.byteLength(JSON.stringify(next)) > stateBytesMax;
      this.#window = { startMs: this.#windowStart(first), state: next, isTerminatedEarly };
    }
    await this.#advance(items);
  }

  async #giveUp({ items, attempts }: Part, why: BatchGivenUp): Promise<void> {
    const batch = this.#batchOf({ items, attempts });
    if (!(await this.#isDone(() => this.#parts.taker.giveUp(batch, why)))) return;
    if (items.length === 0) this.#window = undefined;
    await this.#advance(items);
  }

  async #advance(items: readonly StreamItem[]): Promise<void> {
    this.#queue.splice(0, items.length);
    for (const { bytes } of items) this.#bytes -= bytes;
    this.#after = items.at(-1)?.sequence ?? this.#after;
    await this.#isDone(this.#parts.save);
  }

  /** False: it is being stopped, and could not before. */
  async #isDone(work: () => Promise<void>): Promise<boolean> {
    const { report, name } = this.#parts;
    for (let failures = 1; ; failures += 1) {
      try {
        await work();
        return true;
      } catch (cause) {
        if (this.#signal.aborted) return false;
        report(`${name}: what became of them could not be written down; trying again`, cause);
        await this.#pause(failures, 0);
      }
    }
  }

  #pause(failures: number, atLeastMs: number): Promise<void> {
    const { clock, ids } = this.#parts;
    const waitMs = backOffMs(failures, randomFraction(ids), retryBounds);
    return delay(clock, Math.max(atLeastMs, waitMs), this.#signal);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const done = (): void => {
        this.#changed = undefined;
        timer?.cancel();
        resolve();
      };
      this.#changed = done;
      if (Number.isFinite(ms)) timer = this.#parts.clock.schedule(ms, done);
    });
  }
}
