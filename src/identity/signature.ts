/**
 * AWS Signature Version 4, the pure part: canonical request, string to sign, keys. What a request says about its own
 * signature is in signature-claim.ts. No clock, no credentials, no decisions: those are identity/authenticate.ts.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-streaming.html
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';

export const algorithm = 'AWS4-HMAC-SHA256';
export const unsignedPayload = 'UNSIGNED-PAYLOAD';
export const terminator = 'aws4_request';

export type Scope = {
  /** `20260131`. */
  date: string;
  region: string;
  service: string;
};

/** What is signed of a request. */
export type SignableRequest = {
  method: string;
  /** As on the wire, percent-encoded. */
  path: string;
  /** As on the wire, without `?`. */
  query: string;
  /** Names and values alternating, names in any case, repeated headers repeated. */
  rawHeaders: readonly string[];
};

export type CanonicalOptions = {
  /** Lower case, sorted. */
  signedHeaders: readonly string[];
  /** Hex SHA-256 of the body, or one of the words that stand for it. */
  payloadHash: string;
  /** S3 signs the path as it is, encoded once; every other service normalises it and encodes what is encoded again. */
  pathStyle: 's3' | 'normalised';
};

export function scopeText(scope: Scope): string {
  return `${scope.date}/${scope.region}/${scope.service}/${terminator}`;
}

export function canonicalRequest(request: SignableRequest, options: CanonicalOptions): string {
  const path = options.pathStyle === 's3' ? canonicalS3Path(request.path) : encodePath(normalisePath(request.path));
  const headers = canonicalHeaders(request.rawHeaders, options.signedHeaders);
  return `${request.method}\n${path}\n${canonicalQuery(request.query)}\n${headers}\n${options.signedHeaders.join(';')}\n${options.payloadHash}`;
}

export function stringToSign(amzDate: string, scope: Scope, canonical: string): string {
  // Headers come from node:http as Latin-1, which is what keeps their bytes.
  return `${algorithm}\n${amzDate}\n${scopeText(scope)}\n${hash('sha256', Buffer.from(canonical, 'latin1'))}`;
}

export function signingKey(secret: string, scope: Scope): Buffer {
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, scope.date), scope.region), scope.service), terminator);
}

/** Hex. */
export function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/** In constant time for signatures of the right length. */
export function isSameSignature(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [Buffer.from(left, 'latin1'), Buffer.from(right, 'latin1')];
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}

/** What the signature of a chunk is computed from. The first one's predecessor is the request's own signature. */
export type ChunkSigning = { key: Buffer; amzDate: string; scope: Scope; seedSignature: string };

const emptyHash = hash('sha256', '');

export function chunkSignature(signing: ChunkSigning, previous: string, chunkHash: string): string {
  return sign(
    signing.key,
    `${algorithm}-PAYLOAD\n${signing.amzDate}\n${scopeText(signing.scope)}\n${previous}\n${emptyHash}\n${chunkHash}`,
  );
}

/** `trailerHash`: of the trailer's lines, each `name:value` and a line feed. */
export function trailerSignature(signing: ChunkSigning, previous: string, trailerHash: string): string {
  return sign(
    signing.key,
    `${algorithm}-TRAILER\n${signing.amzDate}\n${scopeText(signing.scope)}\n${previous}\n${trailerHash}`,
  );
}

/** Keys by secret and scope: deriving one costs four HMACs, and a caller signs with the same all day. */
export function createSigningKeys(): (secret: string, scope: Scope) => Buffer {
  // One for each caller, day, region and service in use; a function's credentials are its environment's alone.
  const keysMax = 1_000;
  const keys = new Map<string, Buffer>();
  return (secret, scope) => {
    const name = `${secret}\n${scopeText(scope)}`;
    let key = keys.get(name);
    if (key === undefined) {
      key = signingKey(secret, scope);
      const oldest = keys.keys().next();
      if (keys.size >= keysMax && oldest.done !== true) keys.delete(oldest.value);
      keys.set(name, key);
    }
    return key;
  };
}

/** Epoch ms of `20260131T120000Z`. */
export function amzDateMs(amzDate: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(amzDate);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  const ms = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second);
  return Number.isNaN(ms) ? undefined : ms;
}

export function amzDateAt(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function canonicalHeaders(rawHeaders: readonly string[], signedHeaders: readonly string[]): string {
  const values = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = (rawHeaders[index + 1] ?? '').trim().replaceAll(/\s+/g, ' ');
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  let lines = '';
  for (const name of signedHeaders) lines += `${name}:${values.get(name) ?? ''}\n`;
  return lines;
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs: (readonly [string, string])[] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = recode(equals < 0 ? part : part.slice(0, equals));
    // The signature cannot sign itself.
    if (name !== 'X-Amz-Signature') pairs.push([name, equals < 0 ? '' : recode(part.slice(equals + 1))]);
  }
  pairs.sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whatever was encoded or not: now exactly what AWS encodes is encoded. */
function recode(text: string): string {
  if (/^[A-Za-z0-9._~-]*$/.test(text)) return text;
  try {
    return encodeUri(decodeURIComponent(text));
  } catch {
    return text;
  }
}

function canonicalS3Path(path: string): string {
  if (/^[A-Za-z0-9._~/-]*$/.test(path)) return path === '' ? '/' : path;
  return path.split('/').map(recode).join('/');
}

/** RFC 3986, section 6: no empty, `.` or `..` segments; a slash at the end stays. */
function normalisePath(path: string): string {
  if (path === '/' || path === '') return '/';
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(segment);
  }
  const end = segments.length > 0 && /\/\.{0,2}$/.test(path) ? '/' : '';
  return `/${segments.join('/')}${end}`;
}

function encodePath(path: string): string {
  return path.split('/').map(encodeUri).join('/');
}

/** encodeURIComponent, and the five characters that it leaves and AWS does not. */
function encodeUri(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
