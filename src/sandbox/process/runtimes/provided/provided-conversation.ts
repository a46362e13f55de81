/** The conversation with a `provided` runtime: the channel until `bootstrap` has started, then the Runtime API. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import type { InvokeRequest } from '../../../sandbox.ts';
import { FrameReader } from '../../channel/frame-reader.ts';
import { encodeInit, fromRuntime } from '../../channel/frame.ts';
import type { Reading } from '../../channel/reading.ts';
import type { IsolatedProcess } from '../../process.ts';
import { parseFunctionError } from '../function-error.ts';
import { RawOutput } from '../raw-output.ts';
import type { Conversation, Heard } from '../runtime.ts';
import { RuntimeApiSession } from './runtime-api.ts';

export class ProvidedConversation implements Conversation {
  readonly ranOutOfMemory = false;
  readonly #process: IsolatedProcess;
  readonly #heard: Heard;
  readonly #raw: RawOutput;
  readonly #reading: Reading = { isStopped: false };
  readonly #session: RuntimeApiSession;
  readonly #drained: Promise<unknown>;

  constructor(process: IsolatedProcess, heard: Heard) {
    this.#process = process;
    this.#heard = heard;
    this.#raw = new RawOutput(process, heard.output, this.#reading);
    this.#session = new RuntimeApiSession({
      ready: () => heard.ready(),
      initFailed: (error) => heard.initFailed(error),
      responded: (payload) => heard.answered({ status: 'response', payload }),
      streamBegan: (contentType) => heard.streamBegan(contentType),
      streamed: (bytes) => heard.streamed(bytes),
      streamEnded: () => heard.streamEnded(),
      failed: (error) => heard.answered({ status: 'error', error, fatal: false }),
    });
    const reader = new FrameReader((type, payload) => this.#take(type, payload));
    process.channel.on('data', (chunk: Uint8Array) => {
      const breach = reader.push(chunk);
      if (breach !== undefined) heard.breach(breach);
    });
    process.channel.on('error', () => {});
    this.#drained = finished(process.channel, { writable: false }).catch(() => {});
  }

  /** It fetches the next event itself, and only when it wants one. */
  readonly aheadMax = 0;
  /** All that it prints is. */
  readonly printedRaw = true;

  /** Its channel ends with the launcher; nothing else tells before the process is gone. */
  readonly closed = false;

  runtimeApi(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#session.handle(request, response);
  }

  recall(): void {}

  credit(cost: number): void {
    this.#session.credit(cost);
  }

  init(handler: string, variables: Readonly<Record<string, string>>): void {
    this.#process.channel.write(encodeInit({ handler, variables }));
  }

  invoke(request: InvokeRequest): void {
    this.#session.invoke(request);
  }

  flushOutput(): void {
    this.#raw.flush();
  }

  stopReading(): void {
    this.#reading.isStopped = true;
    this.#process.channel.pause();
    this.#raw.stopReading();
  }

  readOn(): void {
    this.#reading.isStopped = false;
    this.#process.channel.resume();
    this.#raw.readOn();
  }

  async drained(): Promise<void> {
    await Promise.all([this.#drained, this.#raw.drained]);
  }

  close(): void {
    this.#process.channel.destroy();
  }

  /** Only the launcher speaks here. Answers what is wrong, if anything. */
  #take(type: number, payload: Uint8Array): string | undefined {
    if (type === fromRuntime.booted) {
      this.#heard.booted();
      return undefined;
    }
    const error = type === fromRuntime.initError ? parseFunctionError(payload) : undefined;
    if (error === undefined) return `a frame of type ${type} that a launcher does not send`;
    this.#heard.initFailed(error);
    return undefined;
  }
}
