/**
 * Where a bundle's zip can be had by whoever was given the address: GetFunction's `Code.Location`, GetLayerVersion's
 * `Content.Location`. As with S3's presigned URLs, the address is its own permission, for ten minutes.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../util/clock.ts';
import type { HttpHandler, HttpResponse } from '../../util/http.ts';
import type { BundleHash } from '../../util/ids.ts';

/** No bucket's name begins so. */
export const codePrefix = '/_lambda/code/';

/** Lambda's. https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html */
const lifetimeMs = 10 * 60_000;

export type CodeLocations = {
  /** `endpoint`: where the caller reached us. */
  url(endpoint: string, bundle: BundleHash): string;
  /** Answers what is under `codePrefix`. */
  handler: HttpHandler;
};

type Options = {
  /** A keyed hash (HMAC) in hex; the key outlives a restart. */
  sign: (text: string) => string;
  /** The zip; undefined: there is no such bundle. */
  read: (bundle: BundleHash) => Promise<{ bytes: number; body: AsyncIterable<Uint8Array> } | undefined>;
  clock: Clock;
};

export function createCodeLocations({ sign, read, clock }: Options): CodeLocations {
  const seal = (bundle: string, expiresMs: number): string => sign(`code ${bundle} ${expiresMs}`);
  return {
    url(endpoint, bundle) {
      const expiresMs = clock.now() + lifetimeMs;
      return `${endpoint}${codePrefix}${bundle}.zip?expires=${expiresMs}&signature=${seal(bundle, expiresMs)}`;
    },
    async handler({ method, path, query }) {
      if (method !== 'GET' && method !== 'HEAD')
        return plain(405, 'GET and HEAD are accepted.', { allow: 'GET, HEAD' });
      const [, bundle] = /^\/_lambda\/code\/([0-9a-f]{64})\.zip$/.exec(path) ?? [];
      const [, expires, signature] = /^expires=(\d{1,15})&signature=([0-9a-f]+)$/.exec(query) ?? [];
      if (bundle === undefined || expires === undefined || signature === undefined) {
        return plain(403, 'This is not an address that GetFunction or GetLayerVersion gave.');
      }
      const expiresMs = Number(expires);
      if (!isEqual(signature, seal(bundle, expiresMs))) return plain(403, 'The signature does not match.');
      if (clock.now() >= expiresMs) return plain(403, 'The address has expired; ask GetFunction for another.');
      const zip = await read(bundle as BundleHash);
      if (zip === undefined) return plain(404, 'The code is gone.');
      const headers = { 'content-type': 'application/zip', 'content-length': String(zip.bytes) };
      return { status: 200, headers, ...(method === 'HEAD' ? {} : { body: zip.body }) };
    },
  };
}

const plain = (status: number, body: string, headers: HttpResponse['headers'] = {}): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/plain', ...headers },
  body,
});

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
