import { setTimeout as sleep } from 'node:timers/promises';

const firstDelayMs = 1;
/** Long enough to cost nothing, short enough that nobody notices. */
const delayMsMax = 50;

/** Tries until it succeeds; false after `attemptsMax`. For what the kernel finishes soon, and tells nobody about. */
export async function eventually(attempt: () => boolean, attemptsMax: number): Promise<boolean> {
  let delayMs = firstDelayMs;
  for (let attempts = 1; !attempt(); attempts++) {
    if (attempts >= attemptsMax) return false;
    await sleep(delayMs);
    delayMs = Math.min(delayMs * 2, delayMsMax);
  }
  return true;
}
