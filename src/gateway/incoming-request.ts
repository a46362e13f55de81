import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ByteBudget } from '../util/byte-budget.ts';
import type { HttpRequest } from '../util/http.ts';
import type { EnvironmentId } from '../util/ids.ts';
import type { SpareTurns } from './spare-turns.ts';

const nothing: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};

/** `http://host/path` (a proxy's form of the request line) names the same thing as `/path`. */
function originForm(target: string): string {
  if (target.startsWith('/') || target === '*') return target;
  const authority = target.indexOf('://');
  if (authority < 0) return `/${target}`;
  const rest = target.slice(authority + 3);
  const end = rest.search(/[/?]/);
  if (end < 0) return '/';
  return rest[end] === '?' ? `/${rest.slice(end)}` : rest.slice(end);
}

async function* inTurns(pieces: AsyncIterable<Uint8Array>, turns: SpareTurns): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    await turns.next();
    yield piece;
  }
}

/**
 * node:http's request as the platform's. Everything that a warm call does not look at (raw headers, abort signal,
 * body) is made only when asked for: each of them costs more than the routing.
 */
export class IncomingRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly query: string;
  readonly receivedMs: number;
  readonly environmentId?: EnvironmentId;
  /** The listener's: where it keeps its answer while that is on its way. */
  seat = -1;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #budget: ByteBudget | undefined;
  readonly #turns: SpareTurns | undefined;
  #heldBytes = 0;
  #continueAwaited: boolean;
  #abort: AbortController | undefined;

  constructor(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    environmentId: EnvironmentId | undefined,
    continueAwaited: boolean,
    receivedMs: number,
    budget?: ByteBudget,
    /** Each piece of its body waits for its turn; absent: it is read as it comes. */
    turns?: SpareTurns,
  ) {
    const target = originForm(incoming.url ?? '/');
    const mark = target.indexOf('?');
    this.method = incoming.method ?? 'GET';
    this.target = target;
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? '' : target.slice(mark + 1);
    this.receivedMs = receivedMs;
    if (environmentId !== undefined) this.environmentId = environmentId;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#budget = budget;
    this.#turns = turns;
    this.#continueAwaited = continueAwaited;
  }

  get headers(): Readonly<Record<string, string | undefined>> {
    const headers = this.#incoming.headers;
    // The one name for which node:http gives an array; clients do not send it, but may.
    if (headers['set-cookie'] === undefined) return headers as Record<string, string | undefined>;
    return { ...headers, 'set-cookie': headers['set-cookie'].join(', ') } as Record<string, string | undefined>;
  }

  get rawHeaders(): readonly string[] {
    return this.#incoming.rawHeaders;
  }

  get remoteAddress(): string {
    return this.#incoming.socket.remoteAddress ?? '';
  }

  get body(): AsyncIterable<Uint8Array> {
    const headers = this.#incoming.headers;
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return nothing;
    return {
      [Symbol.asyncIterator]: () => {
        this.sendContinue();
        // A handler that stops reading still wants to answer: the socket must outlive the iterator.
        const pieces = this.#incoming.iterator({ destroyOnReturn: false });
        return this.#turns === undefined ? pieces : inTurns(pieces, this.#turns);
      },
    };
  }

  get isGone(): boolean {
    return this.#outgoing.destroyed;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController();
      this.#abort = abort;
      const outgoing = this.#outgoing;
      const gone = (): void => abort.abort(new Error('the client went away'));
      if (outgoing.closed && !outgoing.writableFinished) gone();
      else outgoing.once('close', () => (outgoing.writableFinished ? undefined : gone()));
    }
    return this.#abort.signal;
  }

  hold(bytes: number): boolean {
    if (this.#budget?.take(bytes) === false) return false;
    this.#heldBytes += bytes;
    return true;
  }

  /** It has been answered, or what it was has gone where it is counted otherwise. */
  release(): void {
    if (this.#heldBytes === 0) return;
    this.#budget?.giveBack(this.#heldBytes);
    this.#heldBytes = 0;
  }

  /** The client waits for permission to send its body, and has not got it. */
  get continueAwaited(): boolean {
    return this.#continueAwaited;
  }

  sendContinue(): void {
    if (!this.#continueAwaited) return;
    this.#continueAwaited = false;
    if (!this.#outgoing.headersSent && !this.#outgoing.destroyed) this.#outgoing.writeContinue();
  }
}
