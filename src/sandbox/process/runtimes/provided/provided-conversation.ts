/** The conversation with a `provided` runtime: the channel until `bootstrap` has started, then the Runtime API. */
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import type { InvokeRequest } from '../../../sandbox.ts';
import { FrameReader } from '../../channel/frame-reader.ts';
import { encodeInit, fromRuntime } from '../../channel/frame.ts';
import type { IsolatedProcess } from '../../process.ts';
import { parseFunctionError } from '../function-error.ts';
import { RawOutput } from '../raw-output.ts';
import type { Conversation, Heard } from '../runtime.ts';
import { type RuntimeApi, RuntimeApiSession } from './runtime-api.ts';

/** Connections of one environment to its Runtime API at once; a runtime needs one, a client without keep-alive a few. */
const connectionsMax = 16;

export class ProvidedConversation implements Conversation {
  readonly ranOutOfMemory = false;
  readonly #process: IsolatedProcess;
  readonly #heard: Heard;
  readonly #raw: RawOutput;
  readonly #session: RuntimeApiSession;
  readonly #sockets = new Set<Socket>();
  readonly #drained: Promise<unknown>;
  #closed = false;

  constructor(process: IsolatedProcess, heard: Heard, api: RuntimeApi) {
    this.#process = process;
    this.#heard = heard;
    this.#raw = new RawOutput(process, heard.output);
    this.#session = new RuntimeApiSession({
      ready: () => heard.ready(),
      initFailed: (error) => heard.initFailed(error),
      responded: (payload) => heard.answered({ status: 'response', payload }),
      streamBegan: (contentType) => heard.streamBegan(contentType),
      streamed: (bytes) => heard.streamed(bytes),
      streamEnded: () => heard.streamEnded(),
      failed: (error) => heard.answered({ status: 'error', error, fatal: false }),
    });
    const listening = process.handedOver('runtime-api').then(
      (server) => {
        server.maxConnections = connectionsMax;
        server.on('connection', (socket) => this.#accept(socket, api));
      },
      () => {
        // The process is gone: its end is what counts, and comes by itself.
      },
    );
    const reader = new FrameReader((type, payload) => this.#take(type, payload, listening));
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

  async drained(): Promise<void> {
    await Promise.all([this.#drained, this.#raw.drained]);
  }

  close(): void {
    this.#closed = true;
    this.#process.channel.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket, api: RuntimeApi): void {
    if (this.#closed) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    api.accept(socket, this.#session);
  }

  /** Only the launcher speaks here. Answers what is wrong, if anything. */
  #take(type: number, payload: Uint8Array, listening: Promise<void>): string | undefined {
    if (type === fromRuntime.booted) {
      void listening.then(() => this.#heard.booted());
      return undefined;
    }
    const error = type === fromRuntime.initError ? parseFunctionError(payload) : undefined;
    if (error === undefined) return `a frame of type ${type} that a launcher does not send`;
    this.#heard.initFailed(error);
    return undefined;
  }
}
