/**
 * Drops messages past their queue's retention that nobody asks for. Whoever receives drops what is too old besides, to
 * the millisecond (queue.ts); this is for the disk, and for the counts. A message that was received counts from when
 * it was last visible again.
 */
import type { Log } from '../../store/log.ts';
import type { Clock, Timer } from '../../util/clock.ts';
import type { Queues } from '../queue.ts';
import { topicPrefix } from './definitions.ts';

/** The shortest retention is a minute. */
const everyMs = 60_000;
/** `Log.expire`'s: fewer were dropped where none are left. */
const expiredMax = 1_000;

type Parts = { log: Log; queues: Queues; clock: Clock; report: (message: string, cause: unknown) => void };

/** Until it is disposed of. */
export function startRetention(parts: Parts): AsyncDisposable {
  let isOver = false;
  let sweeping = Promise.resolve();
  let timer: Timer;
  const next = (): void => {
    timer = parts.clock.schedule(everyMs, () => {
      sweeping = sweep(parts, () => isOver)
        .catch((cause: unknown) => parts.report('old messages of queues could not be dropped; trying again', cause))
        .finally(() => {
          if (!isOver) next();
        });
    });
  };
  next();
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      timer.cancel();
      await sweeping;
    },
  };
}

/** Looks at queues that hold something, whichever they are. */
async function sweep({ log, queues, clock }: Parts, isOver: () => boolean): Promise<void> {
  const holding = new Set(await log.topics(topicPrefix));
  for (const { topic, settings } of queues.all()) {
    if (!holding.has(topic)) continue;
    for (;;) {
      if (isOver()) return;
      const dropped = await log.expire(topic, clock.now() - settings.retentionMs);
      if (dropped < expiredMax) break;
    }
  }
}
