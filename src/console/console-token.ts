/**
 * What lets a browser read the admin API of a platform that checks signatures: a token for GETs alone, good for half
 * a day, asked for with a signed request (`POST /_mayfly/console-tokens`) and carried in the page's fragment, which no
 * server and no log ever sees. It says whose it is and until when, and is signed; nothing is kept. Who has it may read what
 * that one may, at the moment; a session's ends with the session.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Principal } from '../identity/principal.ts';
import type { Bearer } from '../identity/temporary-credentials.ts';
import type { Clock } from '../util/clock.ts';
import type { HttpRequest } from '../util/http.ts';

/** A working day and some more; a token that leaks is worth nothing tomorrow. */
const lifetimeMs = 12 * 3_600_000;

export type ConsoleTokens = {
  issue(bearer: Bearer): { token: string; expiresMs: number };
  /** Whose it is, reading; undefined: the request carries no such token, or it is forged, over, or not for this method. */
  accept(request: Pick<HttpRequest, 'method' | 'headers'>): Principal | undefined;
};

/** `sign`: a keyed hash (HMAC) of the text, in any printable form without a dot; the key outlives a restart. */
export function createConsoleTokens({ sign, clock }: { sign: (text: string) => string; clock: Clock }): ConsoleTokens {
  const seal = (claims: string): string => sign(`console-token ${claims}`);
  return {
    issue(bearer) {
      const sessionEndsMs = 'session' in bearer ? bearer.session?.expiresMs : undefined;
      const expiresMs = Math.min(clock.now() + lifetimeMs, sessionEndsMs ?? Number.POSITIVE_INFINITY);
      const claims = Buffer.from(JSON.stringify({ ...bearer, expiresMs })).toString('base64url');
      return { token: `${claims}.${seal(claims)}`, expiresMs };
    },
    accept({ method, headers }) {
      if (method !== 'GET') return undefined;
      const match = /^Bearer ([A-Za-z0-9_-]+)\.([^.\s]+)$/.exec(headers['authorization'] ?? '');
      const [, claims, given] = match ?? [];
      if (claims === undefined || given === undefined || !isEqual(given, seal(claims))) return undefined;
      const read = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as Bearer & { expiresMs: number };
      const { expiresMs, ...bearer } = read;
      // Those of before said no more than whose account it is.
      if (clock.now() >= expiresMs || !('kind' in bearer)) return undefined;
      return { ...bearer, accessKeyId: 'console' };
    },
  };
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
