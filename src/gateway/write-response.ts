import type { ServerResponse } from 'node:http';
import type { Clock } from '../util/clock.ts';
import type { HttpResponse } from '../util/http.ts';

/** A client that takes nothing of a response for this long holds our buffers for nothing. */
const stallMsMax = 120_000;

const isStream = (body: HttpResponse['body']): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && Symbol.asyncIterator in body;

/** Lets a source that nobody will read free what it holds (an open file, a place among the followers). */
export function discard(body: HttpResponse['body']): void {
  if (isStream(body))
    void body[Symbol.asyncIterator]()
      .return?.()
      .catch(() => undefined);
}

/** Status codes whose responses never have a body. https://www.rfc-editor.org/rfc/rfc9110#section-6.4.1 */
export const isBodiless = (status: number): boolean => status === 204 || status === 304;

const isContentLength = (name: string): boolean => name.length === 14 && name.toLowerCase() === 'content-length';

function lengthOf(body: string | Uint8Array | undefined): number {
  if (body === undefined) return 0;
  return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
}

/** Flat, as node:http writes them fastest. The length of a body that we hold is ours to say. */
function headerList(response: HttpResponse, isHead: boolean): string[] {
  const { body, headers, status } = response;
  const counted = isStream(body) ? undefined : lengthOf(body);
  const list: string[] = [];
  let hasLength = isBodiless(status);
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    if (isContentLength(name)) {
      // An answer to HEAD says the length of what GET would send.
      if (isBodiless(status) || (counted !== undefined && !isHead)) continue;
      hasLength = true;
    }
    if (typeof value === 'string') list.push(name, value);
    else for (const one of value) list.push(name, one);
  }
  if (!hasLength && counted !== undefined) list.push('content-length', String(counted));
  return list;
}

/** Resolves true when the client has taken what was written, false when it is gone or stalls. */
function drained(outgoing: ServerResponse, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isOpen: boolean): void => {
      timer.cancel();
      outgoing.off('drain', onDrain);
      outgoing.off('close', onClose);
      resolve(isOpen);
    };
    const onDrain = (): void => settle(true);
    const onClose = (): void => settle(false);
    const timer = clock.schedule(stallMsMax, () => {
      outgoing.destroy();
      settle(false);
    });
    outgoing.once('drain', onDrain);
    outgoing.once('close', onClose);
  });
}

async function pipe(body: AsyncIterable<Uint8Array>, outgoing: ServerResponse, clock: Clock): Promise<void> {
  // Leaving the loop lets the source free what it holds.
  for await (const chunk of body) {
    if (outgoing.destroyed) return;
    if (chunk.byteLength > 0 && !outgoing.write(chunk) && !(await drained(outgoing, clock))) return;
  }
}

/**
 * Writes head and body. Answers `true` when both are handed over, a promise for a streamed body (rejects when the
 * source throws: then the response is cut, which the client can see). The caller ends the response; with `isLast` a
 * body that is held whole is ended here, which puts head and body into one packet.
 * Throws, with nothing sent, when a header is not one.
 */
export function writeResponse(
  outgoing: ServerResponse,
  response: HttpResponse,
  options: { isHead: boolean; isLast: boolean; clock: Clock },
): true | Promise<void> {
  const { body, status } = response;
  outgoing.writeHead(status, headerList(response, options.isHead));
  const sent = options.isHead || isBodiless(status) ? undefined : body;
  if (sent === undefined) discard(body);
  if (isStream(sent)) return pipe(sent, outgoing, options.clock);
  if (options.isLast) outgoing.end(sent);
  else if (sent !== undefined && sent.length > 0) outgoing.write(sent);
  return true;
}
