/** One HTTP call of an address that a user gave; what is answered is read up to a bound, and no redirection is followed. */
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { unsayable } from './post.ts';
import { isPublicAddress, NotPublic, publicLookup } from './public-address.ts';

export type Calling = {
  url: URL;
  method: string;
  headers: Readonly<Record<string, string>>;
  body?: string | Buffer;
  timeoutMs: number;
  /** Only addresses of the open internet: for those whom somebody named who may reach no others himself. */
  isPublicOnly: boolean;
};

/** `unreachable`: nobody answered in time, or not in HTTP. `refused`: it may not be called. */
export type Called =
  | { kind: 'answered'; status: number; text: string; retryAfter: string | undefined }
  | { kind: 'unreachable' | 'refused'; message: string };

/** Of an answer; more is cut off. */
const answerBytesMax = 256 * 1024;

export function call({ url, method, headers, body, timeoutMs, isPublicOnly }: Calling): Promise<Called> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isPublicOnly && isIP(host) !== 0 && !isPublicAddress(host))
    return Promise.resolve({ kind: 'refused', message: `${host} is no public address` });
  const options: RequestOptions = {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }) },
    signal: AbortSignal.timeout(timeoutMs),
    // No connection that was kept either: it may lead where somebody else may go.
    ...(isPublicOnly && { lookup: publicLookup, agent: false }),
  };
  return new Promise((resolve) => {
    const failed = (error: Error): void =>
      resolve({
        kind: error instanceof NotPublic ? 'refused' : 'unreachable',
        message: error.name === 'TimeoutError' ? `no answer in ${timeoutMs} ms` : error.message,
      });
    const answering = (answer: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const answered = (): void =>
        resolve({
          kind: 'answered',
          status: answer.statusCode ?? 0,
          text: Buffer.concat(chunks).subarray(0, answerBytesMax).toString(),
          retryAfter: answer.headers['retry-after'],
        });
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.byteLength;
        if (bytes < answerBytesMax) return;
        answered();
        answer.destroy();
      });
      answer.on('end', answered);
      answer.on('error', failed);
    };
    try {
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, answering);
      request.on('error', failed);
      request.end(body);
    } catch (error) {
      resolve(unsayable(error));
    }
  });
}
