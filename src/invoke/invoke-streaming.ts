/**
 * An invocation whose answer is read while it is written. What nobody reads waits in the sandbox's window, so that a slow
 * reader stops the writer. A reader that stops early changes nothing for the function: the rest is dropped, and the
 * invocation goes on to its end, as on Lambda.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
import type { AnswerTaker } from '../sandbox/sandbox.ts';
import type { VersionId } from '../util/ids.ts';
import type { Invocation, InvocationResult, Invoker } from './invoke.ts';

export type StreamedInvocation =
  /** The handler answers whole, or did not come to that. */
  | { status: 'whole'; result: InvocationResult }
  | {
      status: 'streaming';
      version: VersionId;
      contentType: string | undefined;
      /** To be read once. Ends with the answer, and also where it broke off: then `result` says why. */
      bytes: AsyncIterableIterator<Uint8Array>;
      /** Nobody will read the rest: what has not started to read must say so, for what is not read stops the writer. */
      drop(): void;
      /** Whether all of it has been written: known once `bytes` has ended. */
      isComplete(): boolean;
      result: Promise<InvocationResult>;
    };

/** Resolves as soon as the answer begins, or the invocation is over without one. `signal`: the reader has gone. */
export function invokeStreaming(
  invoker: Invoker,
  invocation: Omit<Invocation, 'taker'>,
  signal: AbortSignal,
): Promise<StreamedInvocation> {
  return new Promise((resolve, reject) => {
    const written = new WrittenBytes();
    if (signal.aborted) written.drop();
    else signal.addEventListener('abort', () => written.drop(), { once: true });
    let isComplete = false;
    const taker = (version: VersionId): AnswerTaker => ({
      began: (contentType) =>
        resolve({
          status: 'streaming',
          version,
          contentType,
          bytes: written,
          drop: () => written.drop(),
          isComplete: () => isComplete,
          result,
        }),
      bytes: (bytes, taken) => written.push(bytes, taken),
      ended: () => {
        isComplete = true;
        written.end();
      },
    });
    // Not before it has a name: an answer may begin at once.
    const result = Promise.resolve().then(() => invoker.invoke({ ...invocation, taker }));
    result
      .then((whole) => resolve({ status: 'whole', result: whole }), reject)
      // Without an end of its own, it broke off.
      .finally(() => written.end());
  });
}

/** What has been written and not read. It has no limit of its own: who writes waits for `taken`. */
class WrittenBytes implements AsyncIterableIterator<Uint8Array> {
  #waiting: { bytes: Uint8Array; taken: () => void }[] = [];
  /** Of what was read last: its reader has done with it when it asks for more. */
  #taken: (() => void) | undefined;
  #reader: ((next: IteratorResult<Uint8Array>) => void) | undefined;
  #hasEnded = false;
  #isDropped = false;

  push(bytes: Uint8Array, taken: () => void): void {
    if (this.#isDropped) return taken();
    this.#waiting.push({ bytes, taken });
    this.#deliver();
  }

  end(): void {
    this.#hasEnded = true;
    this.#deliver();
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    this.#taken?.();
    this.#taken = undefined;
    return new Promise((resolve) => {
      this.#reader = resolve;
      this.#deliver();
    });
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.drop();
    return Promise.resolve({ done: true, value: undefined });
  }

  drop(): void {
    this.#isDropped = true;
    this.#taken?.();
    this.#taken = undefined;
    for (const { taken } of this.#waiting.splice(0)) taken();
    this.end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #deliver(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    const next = this.#waiting.shift();
    if (next === undefined && !this.#hasEnded) return;
    this.#reader = undefined;
    this.#taken = next?.taken;
    reader(next === undefined ? { done: true, value: undefined } : { done: false, value: next.bytes });
  }
}
