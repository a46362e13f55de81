/** Many things that are due at some time, each once, with one timer for them all. Times are epoch ms. */
import type { Clock, Timer } from '../util/clock.ts';

/** Due ones that are done in one go: a few milliseconds of work, then requests have their turn. */
const atOnceMax = 200;
/** Between two goes: what is due sooner than that after another waits for it. */
const goMsMin = 100;

/** Entries that are no longer meant, beyond as many as are: then the heap is made anew. */
const spareMax = 64;

type Due<Key> = { key: Key; timeMs: number };

export class Agenda<Key> {
  readonly #clock: Clock;
  readonly #run: (key: Key) => void;
  /** A heap by time. What has another time in `#times` meanwhile is no longer meant. */
  readonly #heap: Due<Key>[] = [];
  readonly #times = new Map<Key, number>();
  #timer: { timer: Timer; timeMs: number } | undefined;
  #closed = false;

  constructor(clock: Clock, run: (key: Key) => void) {
    this.#clock = clock;
    this.#run = run;
  }

  /** Instead of the time that it had, if any. */
  at(key: Key, timeMs: number): void {
    if (this.#closed || this.#times.get(key) === timeMs) return;
    this.#times.set(key, timeMs);
    if (this.#heap.length > 2 * this.#times.size + spareMax) this.#tidy();
    else push(this.#heap, { key, timeMs });
    this.#schedule();
  }

  /** No later than it would be. */
  before(key: Key, timeMs: number): void {
    if ((this.#times.get(key) ?? Number.POSITIVE_INFINITY) > timeMs) this.at(key, timeMs);
  }

  drop(key: Key): void {
    this.#times.delete(key);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.timer.cancel();
  }

  /** Without what is no longer meant. */
  #tidy(): void {
    this.#heap.length = 0;
    for (const [key, timeMs] of this.#times) push(this.#heap, { key, timeMs });
  }

  #schedule(): void {
    const first = this.#heap[0];
    if (first === undefined || this.#closed) return;
    if (this.#timer !== undefined && this.#timer.timeMs <= first.timeMs) return;
    this.#wake(first.timeMs);
  }

  /** In place of the timer that there is: what is run may have asked for more, and that has set one. */
  #wake(timeMs: number): void {
    this.#timer?.timer.cancel();
    const timer = this.#clock.schedule(Math.max(0, timeMs - this.#clock.now()), () => this.#go());
    this.#timer = { timer, timeMs };
  }

  #go(): void {
    this.#timer = undefined;
    const nowMs = this.#clock.now();
    let done = 0;
    for (let first = this.#heap[0]; first !== undefined && first.timeMs <= nowMs; first = this.#heap[0]) {
      if (done === atOnceMax) break;
      pop(this.#heap);
      if (this.#times.get(first.key) !== first.timeMs) continue;
      this.#times.delete(first.key);
      this.#run(first.key);
      done += 1;
    }
    if (this.#closed || this.#heap[0] === undefined) return;
    this.#wake(Math.max(this.#heap[0].timeMs, nowMs + goMsMin));
  }
}

function push<Key>(heap: Due<Key>[], due: Due<Key>): void {
  let at = heap.push(due) - 1;
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt];
    if (parent === undefined || parent.timeMs <= due.timeMs) break;
    heap[at] = parent;
    at = parentAt;
  }
  heap[at] = due;
}

function pop<Key>(heap: Due<Key>[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
    if (left === undefined) break;
    const [child, childAt] =
      right !== undefined && right.timeMs < left.timeMs ? [right, 2 * at + 2] : [left, 2 * at + 1];
    if (child.timeMs >= last.timeMs) break;
    heap[at] = child;
    at = childAt;
  }
  heap[at] = last;
}
