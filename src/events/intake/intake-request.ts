/** For the tests of this folder: a request as the listener makes one. */
import type { HttpRequest } from '../../util/http.ts';

export function intakeRequest(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
): HttpRequest {
  const all = { 'content-length': String(Buffer.byteLength(body)), ...headers };
  const [path = '', query = ''] = target.split('?');
  return {
    method,
    target,
    path,
    query,
    headers: all,
    rawHeaders: Object.entries(all).flat(),
    body: (async function* () {
      yield Buffer.from(body);
    })(),
    remoteAddress: '127.0.0.1',
    signal: new AbortController().signal,
    sendContinue: () => {},
  };
}
