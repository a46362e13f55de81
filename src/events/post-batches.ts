import type { HttpDestination } from '../registry/http-destination.ts';
import type { Called } from './call.ts';

/** Of one batch: what an address takes in one request without thinking twice. */
const eventsMax = 100;
const bytesMax = 4 * 1024 * 1024;

type Waiting = { event: string; resolve: (called: Called) => void; reject: (cause: unknown) => void };
type Line = { waiting: Waiting[] };

/**
 * Gathers what goes to one address: whoever comes while one batch is being posted joins the next. An event alone is a batch of
 * one, and waits for nobody. As many wait as their senders hold.
 */
export class PostBatches {
  readonly #post: (destination: HttpDestination, events: readonly string[]) => Promise<Called>;
  /** Only those with something to post. */
  readonly #lines = new Map<string, Line>();

  constructor(post: (destination: HttpDestination, events: readonly string[]) => Promise<Called>) {
    this.#post = post;
  }

  /** Resolves with what the whole batch was answered. `event`: JSON. */
  send(destination: HttpDestination, event: string): Promise<Called> {
    return new Promise((resolve, reject) => {
      const key = JSON.stringify([destination.url, destination.token]);
      const line = this.#lines.get(key);
      const waiting = { event, resolve, reject };
      if (line !== undefined) return void line.waiting.push(waiting);
      const made = { waiting: [waiting] };
      this.#lines.set(key, made);
      void this.#run(destination, key, made);
    });
  }

  async #run(destination: HttpDestination, key: string, line: Line): Promise<void> {
    // Who comes in the same breath goes along.
    await Promise.resolve();
    while (line.waiting.length > 0) {
      const batch = nextBatch(line);
      try {
        const called = await this.#post(
          destination,
          batch.map(({ event }) => event),
        );
        for (const { resolve } of batch) resolve(called);
      } catch (cause) {
        for (const { reject } of batch) reject(cause);
      }
    }
    // In the same step as the look at what waits: nobody joins a line that has stopped.
    this.#lines.delete(key);
  }
}

/** The first always goes, however large. */
function nextBatch(line: Line): Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const { event } of line.waiting.slice(0, eventsMax)) {
    bytes += Buffer.byteLength(event);
    if (count > 0 && bytes > bytesMax) break;
    count += 1;
  }
  return line.waiting.splice(0, count);
}
