/**
 * Writes records a little later, the newest value of each key alone. For what explains and is not itself the account of
 * anything: a platform that is killed loses what has not been written yet.
 */
import type { Operation, Records } from '../store/records.ts';
import type { Clock, Timer } from '../util/clock.ts';

/** After a refused write. */
const retryMs = 5_000;
/** Keys that wait while the store refuses, at some hundred bytes each; beyond, changes of new ones are dropped. */
const waitingMax = 20_000;
const batchMax = 500;

export class LateWriter implements AsyncDisposable {
  readonly #records: Records;
  readonly #clock: Clock;
  readonly #writeAfterMs: number;
  /** Undefined: the key is to go. */
  #waiting = new Map<string, (() => unknown) | undefined>();
  #timer: Timer | undefined;
  #writing: Promise<boolean> | undefined;
  #closed = false;

  /** `writeAfterMs`: how long a change waits for others, which is what a crash can lose. */
  constructor(records: Records, clock: Clock, writeAfterMs: number) {
    this.#records = records;
    this.#clock = clock;
    this.#writeAfterMs = writeAfterMs;
  }

  /** `value` is asked for when it is written. */
  put(key: string, value: () => unknown): void {
    this.#take(key, value);
  }

  delete(key: string): void {
    this.#take(key, undefined);
  }

  /** What has been asked for is on disk, or was refused and waits. */
  async flush(): Promise<void> {
    await this.#writing;
    await (this.#writing ??= this.#write().finally(() => (this.#writing = undefined)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.flush();
  }

  #take(key: string, value: (() => unknown) | undefined): void {
    if (this.#waiting.size >= waitingMax && !this.#waiting.has(key)) return;
    this.#waiting.set(key, value);
    this.#writeAfter(this.#writeAfterMs);
  }

  #writeAfter(delayMs: number): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = this.#clock.schedule(delayMs, () => {
      this.#timer = undefined;
      void this.flush();
    });
  }

  /** False: the store refuses. */
  async #write(): Promise<boolean> {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (let at = 0; at < waiting.length; at += batchMax) {
      const operations = waiting
        .slice(at, at + batchMax)
        .map(([key, value]): Operation => (value ? { kind: 'put', key, value: value() } : { kind: 'delete', key }));
      try {
        await this.#records.transact(operations);
      } catch {
        // The meter says that the disk refuses; what has been changed meanwhile is newer.
        for (const [key, value] of waiting.slice(at)) if (!this.#waiting.has(key)) this.#waiting.set(key, value);
        this.#writeAfter(retryMs);
        return false;
      }
    }
    return true;
  }
}
