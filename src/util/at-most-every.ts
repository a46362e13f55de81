import type { Clock } from './clock.ts';

/** Does `task` when asked: at once, or, when that was less than `ms` ago, once at the end of them for all who asked meanwhile. */
export function atMostEvery(ms: number, clock: Clock, task: () => void): () => void {
  let resting = false;
  let again = false;
  return function ask(): void {
    again = resting;
    if (resting) return;
    resting = true;
    task();
    clock.schedule(ms, () => {
      resting = false;
      if (again) ask();
    });
  };
}
