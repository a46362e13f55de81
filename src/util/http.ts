/**
 * HTTP as the platform's parts see it: a plain request in, a plain response out. Of servers, only
 * gateway/listener.ts knows node:http. Plain objects rather than the web's Request and Response: those cost more than the
 * rest of a warm invocation together.
 */
import type { EnvironmentId } from './ids.ts';

export type HttpRequest = {
  method: string;
  /** As it came on the wire: path and query, still percent-encoded. */
  target: string;
  /** The part of `target` before `?`, still percent-encoded. */
  path: string;
  /** The part of `target` after `?`, still percent-encoded; empty when there is none. */
  query: string;
  /** Lower-case names; values of repeated headers joined with `, ` (`; ` for cookie), as node:http does. */
  headers: Readonly<Record<string, string | undefined>>;
  /** Names and values alternating, as they came. */
  rawHeaders: readonly string[];
  /** Read at most once. Ends early with an error when the client goes away. */
  body: AsyncIterable<Uint8Array>;
  remoteAddress: string;
  /** When its headers had been read, on the clock that never goes back. */
  receivedMs?: number;
  /** Set when the request came out of an execution environment: the connection itself proves which one. */
  environmentId?: EnvironmentId;
  /** The client went away: nobody reads the answer. */
  readonly isGone?: boolean;
  /** Aborts when the client goes away before the response is complete. */
  signal: AbortSignal;
  /**
   * Counts so many bytes of it as kept in memory until it is answered. False: there is no room for them, and it is to be
   * refused. Absent: nobody counts.
   */
  hold?(bytes: number): boolean;
  /** Tells a client that waits for it to go on (`Expect: 100-continue`); harmless otherwise. */
  sendContinue(): void;
};

export type HttpResponse = {
  status: number;
  /** An array gives the header several times (`set-cookie`). */
  headers: Readonly<Record<string, string | readonly string[]>>;
  /** A stream's length goes into `content-length` if known; otherwise it is sent chunked. */
  body?: string | Uint8Array | AsyncIterable<Uint8Array>;
};

/**
 * What a body's source throws where it breaks off through no fault of ours (the function failed half-way). The
 * connection is cut, which the client can see; nobody else needs to know.
 */
export class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
}

/** When to ask again, in whole seconds. https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
export const retryAfter = (ms: number): { 'retry-after': string } => ({
  'retry-after': String(Math.max(1, Math.ceil(ms / 1000))),
});

export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>;
