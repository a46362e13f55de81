/**
 * What an issuer of tokens publishes. Whoever may register a provider names the address, so it is one of the open internet,
 * unless the operator has named the issuer; nothing is followed, and an answer has a bound.
 */
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress, NotPublic, publicLookup } from '../../events/public-address.ts';

/** Nobody waits longer for credentials. */
const timeoutMs = 5_000;
/** The largest key sets of known issuers have 30 KB. */
const bytesMax = 256 * 1024;

/** `privateOrigins`: what the operator has named, wherever it is. */
export function createFetchIssuerJson(privateOrigins: readonly string[]): (url: URL) => Promise<unknown> {
  return async (url) => {
    const isPublicOnly = !privateOrigins.includes(url.origin);
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isPublicOnly && isIP(host) !== 0 && !isPublicAddress(host)) throw new NotPublic(`${host} is no public address`);
    const text = await get(url, {
      headers: { accept: 'application/json', 'user-agent': 'mayfly' },
      signal: AbortSignal.timeout(timeoutMs),
      agent: false,
      ...(isPublicOnly && { lookup: publicLookup }),
    });
    return JSON.parse(text) as unknown;
  };
}

function get(url: URL, options: RequestOptions): Promise<string> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = send(url, options, (response) => {
      if (response.statusCode !== 200) {
        response.destroy();
        reject(new Error(`${url.href} answers ${response.statusCode}`));
        return;
      }
      const pieces: Buffer[] = [];
      let bytes = 0;
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > bytesMax) response.destroy(new Error(`${url.href} has more than ${bytesMax} bytes`));
        else pieces.push(piece);
      });
      response.on('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
