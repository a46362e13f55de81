/**
 * Templates of processes: the image of one that is initialised is taken, and processes that were made for others go on
 * from it. docs/decisions/070-templates.md says how and why so.
 */
import { closeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { PlatformError, messageOf } from '../../../util/errors.ts';
import { threadFlags } from '../../../util/thread-flags.ts';
import type { RestoredDescriptor } from '../channel/frame.ts';
import type { IsolatedProcess } from '../process.ts';
import type { FromTracer, ToTracer } from './tracer-messages.ts';
import { openTracingCalls, type TracingCalls } from './tracing-calls.ts';

export type TakenTemplate = { number: number; bytes: number; descriptors: readonly RestoredDescriptor[] };

export class Tracer implements AsyncDisposable {
  /** Two, since taking one takes a tenth of a second, for which nobody who waits for an environment should wait; nor for what is done ahead. */
  readonly #unhurried = new TracerThread();
  readonly #loads = new TracerThread();
  /** Files of the images that are kept. */
  readonly #files = new Map<number, number>();
  #taken = 0;
  #calls: TracingCalls | undefined;

  /** Of a process that was initialised for it. It has ended afterwards, whatever came of it. Errors: `unavailable`. */
  async take({ pid }: IsolatedProcess, bytesMax: number): Promise<TakenTemplate | { refused: string }> {
    if (pid === undefined) throw gone();
    this.#taken += 1;
    const number = this.#taken;
    const answer = await this.#unhurried.ask({ kind: 'take', outerPid: pid, template: number, bytesMax });
    if (answer.status === 'refused') return { refused: answer.reason };
    if (answer.status !== 'taken') throw failed(answer);
    const { image } = answer;
    this.#files.set(number, image.fd);
    const kept = await this.#loads.ask({ kind: 'keep', template: number, image });
    if (kept.status !== 'done') {
      this.release({ number });
      throw failed(kept);
    }
    return { number, bytes: image.bytes, descriptors: image.descriptors };
  }

  /** Into a process that has no code yet, and finds `message`, if that is not empty, on its channel then. Errors: `unavailable`; then the process has ended. */
  load({ number }: TakenTemplate, process: IsolatedProcess, message: Uint8Array): Promise<void> {
    return this.#intoProcess(process, (where) =>
      this.#loads.ask({ kind: 'load', template: number, message, ...where }),
    );
  }

  /** The same long before it is to go on: nothing runs until something comes on its channel. */
  loadAhead({ number }: TakenTemplate, process: IsolatedProcess): Promise<void> {
    return this.#intoProcess(process, (where) =>
      this.#unhurried.ask({ kind: 'load ahead', template: number, ...where }),
    );
  }

  async #intoProcess(
    { pid, channelFd }: IsolatedProcess,
    ask: (where: { outerPid: number; socketFd: number }) => Promise<FromTracer>,
  ): Promise<void> {
    if (pid === undefined || channelFd === undefined) throw gone();
    this.#calls ??= openTracingCalls();
    // The environment may end meanwhile, and the number of its socket become another one's.
    const socketFd = this.#calls.duplicate(channelFd);
    try {
      const answer = await ask({ outerPid: pid, socketFd });
      if (answer.status !== 'done') throw failed(answer);
    } finally {
      closeSync(socketFd);
    }
  }

  /** Whoever is loaded ahead from now on has the pages ready that this process, which went on from it, has used. Errors: `unavailable`. */
  async notePages({ number }: TakenTemplate, { pid }: IsolatedProcess): Promise<void> {
    if (pid === undefined) throw gone();
    const answer = await this.#unhurried.ask({ kind: 'note pages', template: number, outerPid: pid });
    if (answer.status !== 'done') throw failed(answer);
  }

  /** Gives its memory back, but for what processes that go on from it still use. */
  release({ number }: Pick<TakenTemplate, 'number'>): void {
    const fd = this.#files.get(number);
    if (fd === undefined) return;
    this.#files.delete(number);
    const forgotten = [this.#loads, this.#unhurried].map((thread) => thread.ask({ kind: 'release', template: number }));
    void Promise.allSettled(forgotten).then(() => closeSync(fd));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#unhurried.close(), this.#loads.close()]);
    for (const fd of this.#files.values()) closeSync(fd);
    this.#files.clear();
  }
}

type Question = ToTracer extends infer One ? (One extends ToTracer ? Omit<One, 'id'> : never) : never;
type Waiting = { resolve: (answer: FromTracer) => void; reject: (error: PlatformError) => void };

/** Started when it is first asked something. */
class TracerThread {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #asked = 0;
  #closed = false;

  ask(question: Question): Promise<FromTracer> {
    if (this.#closed) return Promise.reject(threadGone('the sandbox is closed'));
    const worker = (this.#worker ??= this.#start());
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) worker.ref();
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ ...question, id });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#fail('the sandbox is closed');
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./tracer-thread.ts', import.meta.url), {
      execArgv: [...threadFlags],
      // Files in memory are opened past Node.js, which would warn of each that is closed.
      trackUnmanagedFds: false,
    });
    worker.on('message', (answer: FromTracer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (this.#waiting.size === 0) worker.unref();
      waiting?.resolve(answer);
    });
    worker.on('error', (error) => this.#fail(messageOf(error)));
    worker.on('exit', (code) => this.#fail(`it ended with code ${code}`));
    return worker;
  }

  #fail(why: string): void {
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(threadGone(why));
    this.#waiting.clear();
  }
}

const gone = (): PlatformError => new PlatformError('unavailable', 'the process has ended');

const threadGone = (why: string): PlatformError =>
  new PlatformError('unavailable', `the thread that makes templates is gone: ${why}`);

function failed(answer: FromTracer): PlatformError {
  const why = 'message' in answer ? answer.message : `an answer of the wrong kind (${answer.status})`;
  return new PlatformError('unavailable', `a template cannot be used: ${why}`);
}
