/** The first SIGINT or SIGTERM asks for an orderly end; the second does not wait for it. */
import type { World } from './command.ts';

/** What shells answer for a program that a signal has ended (128 + SIGINT). */
const forcedExitCode = 130;

/** Aborts at the first one. `remove` before returning. */
export function stopSignal(world: World): { signal: AbortSignal; stopped: Promise<void>; remove(): void } {
  const controller = new AbortController();
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  const listening = world.onStop(() => {
    if (controller.signal.aborted) world.exit(forcedExitCode);
    controller.abort();
    resolve();
  });
  return { signal: controller.signal, stopped, remove: () => listening.remove() };
}
