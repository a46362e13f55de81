/**
 * One POST to an address that a user gave. The answer's status is all that is looked at: whoever named the address learns
 * nothing else through us. Nothing is followed: an endpoint that has moved is for its owner to name anew.
 */
import { request as httpRequest, Agent as HttpAgent, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress, NotPublic, publicLookup } from './public-address.ts';
import { messageOf } from '../util/errors.ts';

export type Posting = {
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Only addresses of the open internet: for those whom somebody named who may reach no others himself. */
  isPublicOnly: boolean;
};

/** `unreachable`: nobody answered in time, or not in HTTP. `refused`: it may not be posted there. */
export type Posted =
  | { kind: 'answered'; status: number }
  | { kind: 'unreachable'; message: string }
  | { kind: 'refused'; message: string };

export type Poster = AsyncDisposable & { post(posting: Posting): Promise<Posted> };

/** SNS's time-out. https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html */
const timeoutMs = 15_000;
/** Connections to one endpoint that are kept for the next message. */
const idleSocketsMax = 4;
/** Of an answer that nobody reads; a connection with more to say is not used again. */
const answerBytesMax = 64 * 1024;

/** A header that comes of an event may have what no header can have: line ends above all. It never will be sent. */
export const unsayable = (error: unknown): { kind: 'refused'; message: string } => ({
  kind: 'refused',
  message: `it cannot be said in HTTP: ${messageOf(error)}`,
});

type Agents = { http: HttpAgent; https: HttpsAgent };

const keptConnections = (): Agents => ({
  http: new HttpAgent({ keepAlive: true, maxFreeSockets: idleSocketsMax }),
  https: new HttpsAgent({ keepAlive: true, maxFreeSockets: idleSocketsMax }),
});

export function createPoster(): Poster {
  // Connections that are kept are found by name alone: one to an address that is not public, which somebody else may
  // reach, must not be used for those who may not.
  const [publicAgents, anyAgents] = [keptConnections(), keptConnections()];

  function post({ url, headers, body, isPublicOnly }: Posting): Promise<Posted> {
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isPublicOnly && isIP(host) !== 0 && !isPublicAddress(host))
      return Promise.resolve({ kind: 'refused', message: `${host} is no public address` });
    const isSecure = url.protocol === 'https:';
    const options: RequestOptions = {
      method: 'POST',
      agent: (isPublicOnly ? publicAgents : anyAgents)[isSecure ? 'https' : 'http'],
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      signal: AbortSignal.timeout(timeoutMs),
      ...(isPublicOnly && { lookup: publicLookup }),
    };
    return new Promise((resolve) => {
      const answering = (answer: IncomingMessage): void => {
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.byteLength;
          if (bytes > answerBytesMax) answer.destroy();
        });
        answer.on('error', () => undefined);
        resolve({ kind: 'answered', status: answer.statusCode ?? 0 });
      };
      try {
        const request = (isSecure ? httpsRequest : httpRequest)(url, options, answering);
        request.on('error', (error) => {
          const kind = error instanceof NotPublic ? 'refused' : 'unreachable';
          resolve({ kind, message: error.name === 'TimeoutError' ? `no answer in ${timeoutMs} ms` : error.message });
        });
        request.end(body);
      } catch (error) {
        resolve(unsayable(error));
      }
    });
  }

  return {
    post,
    [Symbol.asyncDispose]() {
      for (const agents of [publicAgents, anyAgents]) {
        agents.http.destroy();
        agents.https.destroy();
      }
      return Promise.resolve();
    },
  };
}
