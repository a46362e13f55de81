/**
 * The platform's HTTP servers, public and API: node:http with limits, and the only file here (with what it is made
 * of, incoming-request.ts and write-response.ts) that knows it. It turns a request into util/http.ts's, calls one handler,
 * and writes what that answers. It knows no routes, no accounts and no signatures. Next: gateway.ts, or api-port.ts's
 * handler of the API port.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, ListenOptions, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ByteBudget } from '../util/byte-budget.ts';
import { PlatformError } from '../util/errors.ts';
import type { Clock } from '../util/clock.ts';
import { BrokenOff, type HttpHandler, type HttpResponse } from '../util/http.ts';
import type { EnvironmentId } from '../util/ids.ts';
import { Roster } from '../util/roster.ts';
import { within } from '../util/within.ts';
import { EnvironmentTurns, waitingRequestsMax } from './environment-turns.ts';
import { IncomingRequest } from './incoming-request.ts';
import { SpareTurns } from './spare-turns.ts';
import { discard, writeResponse } from './write-response.ts';

export const listenerLimits = {
  /** All headers of one request. Presigned URLs with session tokens and S3's user metadata (2 KB) fit several times. */
  headerBytesMax: 32 * 1024,
  /** From the first byte to the end of the headers: what a slow-loris gets. */
  headersTimeoutMs: 20_000,
  /** From the first byte to the end of the body: several gigabytes at 1 MB/s. */
  requestTimeoutMs: 3_600_000,
  /** How often the two time-outs above are looked at. */
  timeoutCheckMs: 5_000,
  /** An unused kept-alive connection. Longer than the SDKs' and proxies' usual 60 s, so that the client closes first. */
  keepAliveMs: 75_000,
  /** Connections at once: under the usual limit of open files (2^14 and more) with room for environments. */
  connectionsMax: 8_192,
  /** A body this small that a handler left unread is skipped, and the connection lives on. */
  skippedBytesMax: 64 * 1024,
  /** A larger one is still taken, up to this, so that the client reads its answer instead of a reset. */
  leftoverBytesMax: 64 * 1024 * 1024,
  leftoverMsMax: 5_000,
  /** After the last response of a closing server: time for its bytes to leave. */
  flushMsMax: 1_000,
} as const;

/** For the public side, where a body is one event of at most 6 MB: a minute is 100 kB/s. */
export const publicListenerLimits = { requestTimeoutMs: 60_000 } as const;

export type ListenerCounts = {
  requests: number;
  /** Not HTTP, or over a limit of it: answered 400, 408 or 431 without reaching the handler. */
  malformed: number;
  /** Of environments that asked for too much at once: answered 503 without reaching the handler. */
  refused: number;
  /** Handler failures that were not results: bugs of ours. */
  failed: number;
};

/**
 * Of what may be kept of requests, for those of one environment and of all environments together: a function that announces
 * bodies and does not send them keeps nobody else from being served.
 */
const environmentShare = 1 / 4;
const environmentsShare = 1 / 2;

export type ListenerOptions = {
  handler: HttpHandler;
  clock: Clock;
  /** Told of a handler that rejected, or answered what cannot be written. */
  onError: (error: unknown) => void;
  /** Of bytes of requests that are kept until they are answered; absent: nobody counts. */
  budget?: ByteBudget;
  /** When bodies that functions send are read; shared by all listeners of an event loop. Absent: it is the only one. */
  spareTurns?: SpareTurns;
  limits?: Partial<{ [Name in keyof typeof listenerLimits]: number }>;
};

const internalError: HttpResponse = {
  status: 500,
  headers: { 'content-type': 'application/json' },
  body: '{"message":"Internal Server Error"}',
};

const badRequest: HttpResponse = {
  status: 400,
  headers: { 'content-type': 'application/json' },
  body: '{"message":"Bad Request"}',
};

/** SDKs try it again after a while, of whatever service it is. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const tooManyAtOnce: HttpResponse = {
  status: 503,
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-errortype': 'ThrottlingException',
    'retry-after': '1',
  },
  body: JSON.stringify({
    __type: 'ThrottlingException',
    message: `this environment has ${waitingRequestsMax} requests waiting for the platform; ask for fewer at once`,
  }),
};

const malformedStatus: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

export class Listener implements AsyncDisposable {
  readonly #server: Server;
  readonly #handler: HttpHandler;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #limits: { [Name in keyof typeof listenerLimits]: number };
  readonly #inFlight = new Roster<ServerResponse>();
  readonly #environments = new WeakMap<Socket, EnvironmentId>();
  readonly #environmentsBudget: ByteBudget | undefined;
  /** Of environments that are connected, and how many connections each has. */
  readonly #shares = new Map<EnvironmentId, { budget: ByteBudget; connections: number }>();
  readonly #counts: ListenerCounts = { requests: 0, malformed: 0, refused: 0, failed: 0 };
  readonly #budget: ByteBudget | undefined;
  readonly #turns = new EnvironmentTurns();
  readonly #spareTurns: SpareTurns;
  #hasAttached = false;
  #closing: Promise<void> | undefined;
  #isCut = false;
  #idle: (() => void) | undefined;

  constructor(options: ListenerOptions) {
    this.#handler = options.handler;
    this.#clock = options.clock;
    this.#onError = options.onError;
    this.#budget = options.budget;
    this.#spareTurns = options.spareTurns ?? new SpareTurns(options.clock);
    this.#environmentsBudget = options.budget?.share(environmentsShare);
    this.#limits = { ...listenerLimits, ...options.limits };
    this.#server = createServer({
      maxHeaderSize: this.#limits.headerBytesMax,
      headersTimeout: this.#limits.headersTimeoutMs,
      requestTimeout: this.#limits.requestTimeoutMs,
      connectionsCheckingInterval: this.#limits.timeoutCheckMs,
      keepAliveTimeout: this.#limits.keepAliveMs,
    });
    this.#server.maxConnections = this.#limits.connectionsMax;
    this.#server.on('request', (incoming, outgoing) => this.#serve(incoming, outgoing, false));
    this.#server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) =>
      this.#serve(incoming, outgoing, true),
    );
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#refuse(error, socket));
  }

  get counts(): Readonly<ListenerCounts & { inFlight: number }> {
    return { ...this.#counts, inFlight: this.#inFlight.size };
  }

  /** Port 0: any free one. Rejects with `unavailable` when the address cannot be had. */
  async listen(port: number, host: string): Promise<{ port: number }> {
    await this.#listen({ port, host, backlog: 1_024 }, `${host}:${port}`);
    return { port: (this.#server.address() as AddressInfo).port };
  }

  /** On a socket at `path`, for whoever may enter the folder that it is in. */
  listenAt(path: string): Promise<void> {
    return this.#listen({ path }, path);
  }

  #listen(where: ListenOptions, name: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void =>
        reject(
          new PlatformError(
            'unavailable',
            `cannot listen on ${name}: ${error.code === 'EADDRINUSE' ? 'another program already does; choose another port, or 0 for any free one' : error.message}`,
            { cause: error },
          ),
        );
      this.#server.once('error', failed);
      this.#server.listen(where, () => {
        this.#server.off('error', failed);
        this.#server.on('error', this.#onError);
        resolve();
      });
    });
  }

  /**
   * Serves a connection that was accepted elsewhere: out of an execution environment, which every request on it names.
   * Also while it closes, until the end: a request that is waited for may be waiting for what its function asks for here.
   */
  attach(socket: Socket, environmentId: EnvironmentId): void {
    if (this.#isCut) {
      socket.destroy();
      return;
    }
    this.#hasAttached = true;
    this.#environments.set(socket, environmentId);
    this.#giveShare(socket, environmentId);
    this.#server.emit('connection', socket);
    // A socket that was paused while it was handed over does not start by itself.
    socket.resume();
  }

  #giveShare(socket: Socket, environmentId: EnvironmentId): void {
    if (this.#environmentsBudget === undefined || socket.destroyed) return;
    const budget = this.#environmentsBudget.share(environmentShare / environmentsShare);
    const share = this.#shares.get(environmentId) ?? { budget, connections: 0 };
    this.#shares.set(environmentId, share);
    share.connections += 1;
    socket.once('close', () => {
      share.connections -= 1;
      if (share.connections === 0) this.#shares.delete(environmentId);
    });
  }

  /** Stops accepting, lets what is in flight finish for at most `drainMs`, then cuts. */
  close(drainMs: number): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(0);
  }

  async #close(drainMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    if (this.#inFlight.size > 0 && drainMs > 0) {
      const idle = new Promise<void>((resolve) => (this.#idle = resolve));
      await within(drainMs, idle, this.#clock);
    }
    if (drainMs > 0) await within(Math.min(drainMs, this.#limits.flushMsMax), closed, this.#clock);
    this.#isCut = true;
    this.#server.closeAllConnections();
    await closed;
  }

  #serve(incoming: IncomingMessage, outgoing: ServerResponse, continueAwaited: boolean): void {
    this.#counts.requests++;
    const seat = this.#inFlight.add(outgoing);
    const environmentId = this.#hasAttached ? this.#environments.get(incoming.socket) : undefined;
    const receivedMs = this.#clock.monotonicMs();
    if (environmentId === undefined) this.#spareTurns.served(receivedMs);
    const request = new IncomingRequest(
      incoming,
      outgoing,
      environmentId,
      continueAwaited,
      receivedMs,
      environmentId === undefined
        ? this.#budget
        : (this.#shares.get(environmentId)?.budget ?? this.#environmentsBudget),
      environmentId === undefined ? undefined : this.#spareTurns,
    );
    request.seat = seat;
    if (hasTwoHosts(incoming.rawHeaders)) {
      this.#counts.malformed++;
      outgoing.shouldKeepAlive = false;
      return this.#respond(incoming, outgoing, request, badRequest);
    }
    const turn = environmentId === undefined ? undefined : this.#turns.next(environmentId);
    if (environmentId !== undefined && turn === undefined) {
      this.#counts.refused++;
      outgoing.shouldKeepAlive = false;
      return this.#respond(incoming, outgoing, request, tooManyAtOnce);
    }
    const answered = turn === undefined ? this.#handler(request) : turn.then(() => this.#handler(request));
    answered.then(
      (response) => {
        request.release();
        this.#respond(incoming, outgoing, request, response);
      },
      (error: unknown) => {
        request.release();
        // A body that breaks off because the client went away is its doing.
        if (error !== incoming.errored) this.#failed(error);
        this.#respond(incoming, outgoing, request, internalError);
      },
    );
  }

  #respond(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    request: IncomingRequest,
    response: HttpResponse,
  ): void {
    if (outgoing.destroyed) {
      discard(response.body);
      return this.#finished(outgoing, request);
    }
    const isLast = incoming.complete || this.#hasSmallLeftover(incoming, request);
    if (this.#closing !== undefined || !isLast) outgoing.shouldKeepAlive = false;
    const options = { isHead: request.method === 'HEAD', isLast, clock: this.#clock };
    let written: true | Promise<void>;
    try {
      written = writeResponse(outgoing, response, options);
    } catch (error) {
      this.#failed(error);
      if (outgoing.headersSent) return this.#cut(outgoing, request);
      written = writeResponse(outgoing, internalError, options);
    }
    if (written === true) return this.#end(incoming, outgoing, request);
    written.then(
      () => this.#end(incoming, outgoing, request),
      (error: unknown) => {
        // A source that stops because the client is gone is not news.
        if (!outgoing.destroyed && !(error instanceof BrokenOff)) this.#failed(error);
        if (!(error instanceof BrokenOff)) return this.#cut(outgoing, request);
        // What was written is the client's: that the end is missing tells it the rest. (node:http keeps what was
        // written in this turn to itself until the next.)
        while (outgoing.writableCorked > 0) outgoing.uncork();
        outgoing.socket?.destroySoon();
        this.#finished(outgoing, request);
      },
    );
  }

  #hasSmallLeftover(incoming: IncomingMessage, request: IncomingRequest): boolean {
    return !request.continueAwaited && Number(incoming.headers['content-length']) <= this.#limits.skippedBytesMax;
  }

  #end(incoming: IncomingMessage, outgoing: ServerResponse, request: IncomingRequest): void {
    if (incoming.complete || request.continueAwaited || outgoing.destroyed || outgoing.writableEnded) {
      outgoing.end();
      this.#finished(outgoing, request);
      return;
    }
    // Closing a connection with unread bytes on it resets it, and the client may lose the answer it was sent.
    let leftBytes = this.#limits.leftoverBytesMax;
    const settle = (): void => {
      timer.cancel();
      outgoing.end();
      this.#finished(outgoing, request);
    };
    const timer = this.#clock.schedule(this.#limits.leftoverMsMax, () => this.#cut(outgoing, request));
    incoming.on('data', (chunk: Uint8Array) => {
      leftBytes -= chunk.byteLength;
      if (leftBytes >= 0) return;
      timer.cancel();
      this.#cut(outgoing, request);
    });
    incoming.once('end', settle);
    incoming.once('error', settle);
    incoming.resume();
  }

  #cut(outgoing: ServerResponse, request: IncomingRequest): void {
    outgoing.destroy();
    this.#finished(outgoing, request);
  }

  #finished(outgoing: ServerResponse, request: IncomingRequest): void {
    this.#inFlight.remove(request.seat, outgoing);
    if (this.#inFlight.size === 0) this.#idle?.();
  }

  #failed(error: unknown): void {
    this.#counts.failed++;
    this.#onError(error);
  }

  #refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    this.#counts.malformed++;
    // An answer is on its way on this connection: anything we add would become part of it.
    if (this.#inFlight.find((outgoing) => outgoing.socket === socket && outgoing.headersSent) !== undefined) {
      socket.destroy();
      return;
    }
    const status = malformedStatus[error.code ?? ''] ?? '400 Bad Request';
    const body = JSON.stringify({ message: status.slice(4) });
    socket.end(
      `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  }
}

/** A request that names two hosts means one thing here and another elsewhere. https://www.rfc-editor.org/rfc/rfc9112#section-3.2-6 */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1;
}
