/** Does things when their time has come; what fails is tried again, and holds up nothing else. */
import type { Clock } from '../util/clock.ts';
import { delay, type Report } from './source.ts';

export type Timed = {
  /** For the operator: `the schedule nightly`. */
  what: string;
  /** Infinity: never. */
  dueMs: number;
  run(): Promise<void>;
};

export type TimetableParts = {
  /** What there is now, by a name that stays the same. */
  items(): Iterable<readonly [string, Timed]>;
  /** Calls back when there is something else. */
  watch(changed: () => void): { stop(): void };
  clock: Clock;
  report: Report;
};

/** The longest sleep: by then a changed or corrected wall clock is noticed. */
const sleepMsMax = 60_000;
/** Run together, so that the disk is waited for once. */
const atOnceMax = 1_000;
/** After a failure (the store did not answer). */
const retryMs = 5_000;

/** Until `signal` aborts. */
export async function keepTimetable(parts: TimetableParts, signal: AbortSignal): Promise<void> {
  const { clock, report } = parts;
  const notBefore = new Map<string, number>();
  let wake = new AbortController();
  const watch = parts.watch(() => wake.abort());
  try {
    while (!signal.aborted) {
      wake = new AbortController();
      const due: (readonly [string, Timed])[] = [];
      let nextMs = Number.POSITIVE_INFINITY;
      for (const [name, item] of parts.items()) {
        const dueMs = Math.max(item.dueMs, notBefore.get(name) ?? 0);
        if (dueMs <= clock.now()) due.push([name, item]);
        else nextMs = Math.min(nextMs, dueMs);
      }
      for (let at = 0; at < due.length; at += atOnceMax)
        await Promise.all(due.slice(at, at + atOnceMax).map(([name, item]) => run(name, item)));
      if (due.length > 0) continue;
      const sleepMs = Math.min(sleepMsMax, Math.max(0, nextMs - clock.now()));
      await delay(clock, sleepMs, AbortSignal.any([signal, wake.signal]));
    }
  } finally {
    watch.stop();
  }

  async function run(name: string, item: Timed): Promise<void> {
    try {
      await item.run();
      notBefore.delete(name);
    } catch (cause) {
      notBefore.set(name, clock.now() + retryMs);
      report(`${item.what} could not be done when it was due; trying again`, cause);
    }
  }
}
