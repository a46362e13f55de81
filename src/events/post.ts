/**
 * One POST to an address that a user gave. The answer's status is all that is looked at: whoever named the address learns
 * nothing else through us. Nothing is followed: an endpoint that has moved is for its owner to name anew.
 */
import { lookup, type LookupAddress } from 'node:dns';
import { request as httpRequest, Agent as HttpAgent, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { refusedRanges } from '../sandbox/process/isolation/network-rules.ts';

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

const ownRanges = new BlockList();
for (const range of refusedRanges) {
  const [address = '', bits] = range.split('/');
  ownRanges.addSubnet(address, Number(bits), 'ipv4');
}
/** Of IPv6 only what is given out to the public; among it are the ranges of translators to IPv4, which lead anywhere. */
const publicRanges = new BlockList();
publicRanges.addSubnet('2000::', 3, 'ipv6');
const translated = new BlockList();
translated.addSubnet('2002::', 16, 'ipv6');
translated.addSubnet('2001::', 32, 'ipv6');

export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !ownRanges.check(address, 'ipv4');
    case 6:
      return publicRanges.check(address, 'ipv6') && !translated.check(address, 'ipv6');
    default:
      return false;
  }
}

export class NotPublic extends Error {}

/** Resolves names and looks at what they resolve to: a name's owner could have it point anywhere. */
export const publicLookup: LookupFunction = (name, options, callback) => {
  lookup(name, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const [first] = addresses ?? [];
    const wrong = error === null ? addresses.find(({ address }) => !isPublicAddress(address)) : undefined;
    if (error !== null || first === undefined) callback(error ?? new Error(`${name} has no address`), '', 4);
    else if (wrong !== undefined) callback(new NotPublic(`${name} is ${wrong.address}, no public address`), '', 4);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

/** A header that comes of an event may have what no header can have: line ends above all. It never will be sent. */
export const unsayable = (error: unknown): { kind: 'refused'; message: string } => ({
  kind: 'refused',
  message: `it cannot be said in HTTP: ${error instanceof Error ? error.message : String(error)}`,
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
