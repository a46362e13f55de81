import type { RequestId } from '../util/ids.ts';
import type { Sink, TelemetryEvent } from './telemetry.ts';

/** What Lambda gives. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const tailBytesMax = 4 * 1024;

export type LogTail = {
  /** The last 4 KB of what has been logged for the request until now, or until `stop`; each line with its end. */
  bytes(): Uint8Array;
  stop(): void;
};

/**
 * The ends of the logs of those requests whose callers asked for them. One sink for all of them: the lines of every
 * other request cost one look at a map.
 */
export class LogTails implements Sink {
  readonly kinds = ['log'] as const;
  readonly #tails = new Map<RequestId, Tail>();

  take(event: TelemetryEvent): void {
    if (this.#tails.size === 0 || event.kind !== 'log' || event.requestId === undefined) return;
    this.#tails.get(event.requestId)?.push(event.text);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** From now on, until `stop`. */
  follow(requestId: RequestId): LogTail {
    const tail = new Tail();
    this.#tails.set(requestId, tail);
    return { bytes: () => tail.bytes(), stop: () => void this.#tails.delete(requestId) };
  }
}

class Tail {
  #lines: Buffer[] = [];
  #bytes = 0;

  push(text: string): void {
    const line = Buffer.from(`${text}\n`);
    this.#lines.push(line);
    this.#bytes += line.length;
    // What can no longer be part of the end is let go now and then, not with every line.
    if (this.#bytes <= 4 * tailBytesMax && this.#lines.length <= tailBytesMax) return;
    this.#lines = [Buffer.from(this.bytes())];
    this.#bytes = Math.min(this.#bytes, tailBytesMax);
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#lines).subarray(-tailBytesMax);
  }
}
