/**
 * The main thread's end of the writer: posts what callers ask, at most one message a turn, and hands out the answers.
 *
 * starting → open → closing → closed, and from anywhere → failed. Only `open` takes requests; `closing` answers those
 * it has; in `failed` and `closed` every request is refused with `unavailable`.
 */
import { Worker } from 'node:worker_threads';
import { assert } from '../../util/assert.ts';
import { PlatformError } from '../../util/errors.ts';
import { threadFlags } from '../../util/thread-flags.ts';
import type { Answer, Answers, FromWriter, Kind, Reply, Request, RequestOf, ToWriter } from './request.ts';

/** Requests that may wait for the disk: two seconds' worth at the rate that a slow disk still commits. */
export const waitingRequestsMax = 65_536;

/** Characters of values and messages that may wait with them, in all. */
export const waitingCharactersMax = 128 * 1024 * 1024;

/** Requests in one message to the thread: half a commit, so that the next half is there when one is done. */
const batchRequestsMax = 1_024;

type Waiting = {
  characters: number;
  resolve: (answer: Answer) => void;
  reject: (error: PlatformError) => void;
};

export class Writer {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #state: 'open' | 'closing' | 'closed' | 'failed' = 'open';
  #failure = 'the store is closed';
  #refusal: string | undefined;
  /** Asked for in this turn, not posted yet. */
  #requests: Request[] = [];
  #unposted: Waiting[] = [];
  /** Posted, oldest first; one for each batch. */
  #posted: Waiting[][] = [];
  #waitingRequests = 0;
  #waitingCharacters = 0;

  private constructor(worker: Worker, ready: () => void, refused: (reason: Error) => void) {
    this.#worker = worker;
    worker.on('message', (message: FromWriter) => (message.kind === 'ready' ? ready() : this.#receive(message)));
    worker.on('error', (error) => {
      const reason = error instanceof Error ? error : new Error(String(error));
      refused(reason);
      this.#fail(reason.message);
    });
    this.#ended = new Promise((resolve) => {
      worker.on('exit', (code) => {
        refused(new Error(`it ended with code ${code}`));
        if (this.#state !== 'closing' || this.#waitingRequests > 0)
          this.#fail(`the store's writer ended with code ${code}`);
        resolve();
      });
    });
  }

  /** Resolves when the thread is ready; rejects with `unavailable` and why it is not. `script` runs in the thread. */
  static async start(script: URL, workerData: { path: string; nowMs: number }): Promise<Writer> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const worker = new Worker(script, { workerData, execArgv: [...threadFlags] });
    const writer = new Writer(worker, resolve, reject);
    await promise.catch((error: unknown) => {
      throw new PlatformError('unavailable', `the database ${workerData.path} cannot be opened`, { cause: error });
    });
    // An idle store does not keep the process alive; one that owes an answer does.
    worker.unref();
    return writer;
  }

  /** Why the last that was asked for was not written; undefined: it was. */
  get refusal(): string | undefined {
    return this.#state === 'failed' ? this.#failure : this.#refusal;
  }

  /** `characters`: of the texts it carries. */
  ask<Name extends Kind>(request: RequestOf<Name>, characters: number): Promise<Answers[Name]> {
    if (this.#state !== 'open') return Promise.reject(new PlatformError('unavailable', this.#failure));
    if (this.#waitingRequests >= waitingRequestsMax || this.#waitingCharacters + characters > waitingCharactersMax) {
      return Promise.reject(
        new PlatformError(
          'unavailable',
          `the disk is behind: ${this.#waitingRequests} requests with ${this.#waitingCharacters} characters wait for it ` +
            `(at most ${waitingRequestsMax} with ${waitingCharactersMax}); try again later`,
          { retryAfterMs: 1_000 },
        ),
      );
    }
    return new Promise<Answers[Name]>((resolve, reject) => {
      if (this.#waitingRequests === 0) this.#worker.ref();
      this.#waitingRequests += 1;
      this.#waitingCharacters += characters;
      this.#requests.push(request);
      // The thread answers each kind of request with its own kind of answer (`satisfies` in commit-group.ts).
      this.#unposted.push({ characters, resolve: resolve as (answer: Answer) => void, reject });
      if (this.#requests.length === 1) setImmediate(() => this.#post());
      else if (this.#requests.length === batchRequestsMax) this.#post();
    });
  }

  /** Answers everything asked for so far, then ends the thread. */
  async close(): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing';
      this.#post();
      this.#worker.ref();
      this.#worker.postMessage({ kind: 'close' } satisfies ToWriter);
    }
    await this.#ended;
    if (this.#state === 'closing') this.#state = 'closed';
    assert(this.#waitingRequests === 0, 'a closed writer owes no answers');
  }

  #post(): void {
    if (this.#requests.length === 0 || this.#state === 'failed') return;
    this.#worker.postMessage({ kind: 'batch', requests: this.#requests } satisfies ToWriter);
    this.#posted.push(this.#unposted);
    this.#requests = [];
    this.#unposted = [];
  }

  #receive(message: FromWriter): void {
    if (message.kind === 'failed') return this.#fail(message.message);
    if (message.kind === 'answered') for (const replies of message.batches) this.#answer(replies);
  }

  #answer(replies: readonly Reply[]): void {
    const batch = this.#posted.shift();
    assert(batch?.length === replies.length, 'a batch is answered whole, and in order');
    for (const [index, reply] of replies.entries()) {
      const waiting = batch[index];
      if (waiting === undefined) continue;
      this.#waitingCharacters -= waiting.characters;
      if (reply.ok) this.#refusal = undefined;
      else if (reply.code === 'unavailable') this.#refusal = reply.message;
      if (reply.ok) waiting.resolve(reply.answer);
      else waiting.reject(new PlatformError(reply.code, `the store could not write: ${reply.message}`));
    }
    this.#waitingRequests -= replies.length;
    // While it closes, its end is waited for.
    if (this.#waitingRequests === 0 && this.#state === 'open') this.#worker.unref();
  }

  #fail(reason: string): void {
    if (this.#state === 'failed' || this.#state === 'closed') return;
    this.#state = 'failed';
    this.#failure = `the store has stopped (${reason}); start the platform again`;
    const waiting = [...this.#posted.flat(), ...this.#unposted];
    this.#posted = [];
    this.#unposted = [];
    this.#requests = [];
    this.#waitingRequests = 0;
    this.#waitingCharacters = 0;
    void this.#worker.terminate();
    for (const { reject } of waiting) reject(new PlatformError('unavailable', this.#failure));
  }
}
