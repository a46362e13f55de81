/** Whoever changes items has them for himself meanwhile: each waits for those who asked for any of his before. */
import { PlatformError } from '../../util/errors.ts';

/** Who waits, at once. Behind an item that everybody changes: ten seconds' worth. */
const waitingMax = 10_000;

export type ItemLocks = {
  hold<Result>(keys: readonly string[], work: () => Promise<Result>): Promise<Result>;
  /** Whether somebody has it, or waits for it. */
  isHeld(key: string): boolean;
};

/** Nobody waits for somebody who waits for him: all of somebody's keys are asked for at once. */
export function createItemLocks(): ItemLocks {
  const last = new Map<string, Promise<void>>();
  let waiting = 0;

  return { hold, isHeld: (key) => last.has(key) };

  async function hold<Result>(keys: readonly string[], work: () => Promise<Result>): Promise<Result> {
    const before = keys.flatMap((key) => last.get(key) ?? []);
    if (before.length > 0 && waiting >= waitingMax)
      throw new PlatformError('throttled', 'Too many changes wait for others of the same items: try again later.', {
        reason: 'ThrottlingException',
      });
    const { promise: done, resolve: release } = Promise.withResolvers<void>();
    for (const key of keys) last.set(key, done);
    try {
      if (before.length > 0) {
        waiting += 1;
        await Promise.all(before).finally(() => (waiting -= 1));
      }
      return await work();
    } finally {
      for (const key of keys) if (last.get(key) === done) last.delete(key);
      release();
    }
  }
}
