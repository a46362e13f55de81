/** Rotates keys when that is due, and removes those whose time to be saved is over. */
import type { Clock, Timer } from '../../util/clock.ts';
import type { Key } from '../key.ts';
import type { Grants } from './grants.ts';
import type { Keys } from './keys.ts';

/** A clock that is set, or a machine that slept, is noticed after this. */
const everyMsMax = 3_600_000;
/** What the disk refused is tried again after this. */
const againMs = 60_000;

type Parts = { keys: Keys; grants: Grants; clock: Clock; report: (message: string, cause: unknown) => void };

const dueMs = ({ state, rotation }: Key): number =>
  state.kind === 'pending_deletion' ? state.atMs : (rotation?.nextMs ?? Infinity);

/** Until it is disposed of. */
export function startKeyUpkeep({ keys, grants, clock, report }: Parts): AsyncDisposable {
  let isOver = false;
  let timer: Timer | undefined;
  let working = Promise.resolve();
  const plan = (delayMsMin: number): void => {
    timer?.cancel();
    if (isOver) return;
    const nextMs = [...keys.all()].reduce((earliest, key) => Math.min(earliest, dueMs(key)), Infinity);
    const delayMs = Math.min(Math.max(nextMs - clock.now(), delayMsMin), everyMsMax);
    timer = clock.schedule(delayMs, () => void (working = working.then(work)));
  };
  async function work(): Promise<void> {
    let delayMs = 0;
    for (const key of keys.all()) {
      if (isOver || dueMs(key) > clock.now()) continue;
      try {
        if (key.state.kind === 'pending_deletion') {
          await keys.remove(key.id);
          grants.forget(key.id);
        } else await keys.rotate(key.id, 'automatic');
      } catch (cause) {
        report(`the key ${keys.arnOf(key)} could not be rotated or removed; trying again`, cause);
        delayMs = againMs;
      }
    }
    plan(delayMs);
  }
  const watch = keys.watch(() => plan(0));
  plan(0);
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      watch.stop();
      timer?.cancel();
      await working;
    },
  };
}
