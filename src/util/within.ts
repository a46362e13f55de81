import type { Clock } from './clock.ts';

/** True with `done`, or false without it after `ms`. Rejects as it does, within that time. */
export async function within(ms: number, done: Promise<unknown>, clock: Clock): Promise<boolean> {
  const over = Promise.withResolvers<false>();
  const timer = clock.schedule(ms, () => over.resolve(false));
  try {
    return await Promise.race([done.then(() => true), over.promise]);
  } finally {
    timer.cancel();
  }
}
