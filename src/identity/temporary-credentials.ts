/**
 * Credentials that end by themselves: those of functions' environments, and sessions of STS. Nothing is stored: the
 * session token is who has it, sealed with a key that only the platform has, and the secret follows from the token.
 * docs/decisions/032-function-credentials.md
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, type CipherGCM, type Hmac } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Ids } from '../util/ids.ts';
import { createMadeAhead } from '../util/made-ahead.ts';
import { newAccessKeyId } from './access-key-id.ts';
import type { Principal } from './principal.ts';
import type { Credentials } from './sign.ts';

/** Who a session is of: the principal that its credentials make of a request. */
export type Bearer = WithoutKey<Exclude<Principal, { kind: 'anonymous' }>>;
type WithoutKey<Whoever> = Whoever extends unknown ? Omit<Whoever, 'accessKeyId'> : never;

export type Session = Required<Credentials> & { expiresMs: number };

type OpenedSession =
  | { status: 'ok'; bearer: Bearer; expiresMs: number; secretAccessKey: string }
  | { status: 'expired' }
  | { status: 'invalid' };

export interface TemporaryCredentials {
  issue(bearer: Bearer, expiresMs: number): Session;
  open(accessKeyId: string, sessionToken: string, nowMs: number): OpenedSession;
}

export type RenewableCredentials = TemporaryCredentials & {
  /**
   * Sessions are made of another root key from now on, and those of before are over, but for functions' own: each is good in
   * its own environment alone, which goes on with it.
   */
  renew(root: Buffer): void;
};

/** AWS's prefix of temporary access keys. */
export const temporaryKeyPrefix = 'ASIA';
/** The first byte of a token: how what is sealed in it was written. */
const formats = { plain: 2, deflated: 3 } as const;
const nonceBytes = 12;
const tagBytes = 16;
/** A function's identity has about 400 bytes; what has policies and tags in it is worth packing. */
const plainBytesMax = 1_024;
/** Sealed, a session with all the policies and tags that STS takes; the limit keeps strangers from having us decrypt megabytes. */
const tokenLengthMax = 12 * 1_024;
/** What such a session has before it is packed: 50 tags of 384 letters, each of four bytes, and policies. */
const unpackedBytesMax = 128 * 1_024;

/** Keys that were ended while the platform runs, and that environments may still have: each is tried for a token of nobody. */
const endedMax = 8;

/** What sessions are made of; of a root key, which it says nothing of. */
export type SessionKeys = { sealing: Buffer; secret: Buffer };

/** Of before. `untilMs`: since when none of their sessions can still be good, epoch ms. */
export type OlderSessionKeys = SessionKeys & { untilMs: number };

export function sessionKeysOf(root: Buffer): SessionKeys {
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', root, '', `mayfly ${purpose}`, 32));
  return { sealing: derive('session token'), secret: derive('session secret') };
}

/** What seals one session and signs it: to make these takes longer than to use them, half of the 0.3 ms of a first call's. */
type Tools = { nonce: Buffer; cipher: CipherGCM; hmac: Hmac };
/** For first calls that come together. */
const toolsMax = 4;

/**
 * `older`: sessions made with these are good until they end. `later`: calls what it is given when nobody waits; absent: everything
 * is made when it is wanted.
 */
export function createTemporaryCredentials(
  root: Buffer,
  ids: Ids,
  older: () => readonly OlderSessionKeys[] = () => [],
  later: (task: () => void) => void = () => {},
): RenewableCredentials {
  let present = sessionKeysOf(root);
  const ended: SessionKeys[] = [];
  const hmacOf = ({ secret }: SessionKeys): Hmac => createHmac('sha256', secret);
  const secretBy = (hmac: Hmac, accessKeyId: string, token: string): string =>
    hmac.update(`${accessKeyId}\n${token}`).digest('base64').slice(0, 40);
  const tools = createMadeAhead({
    make(): Tools {
      const nonce = Buffer.from(ids.hex(nonceBytes), 'hex');
      return { nonce, cipher: createCipheriv('aes-256-gcm', present.sealing, nonce), hmac: hmacOf(present) };
    },
    max: toolsMax,
    later,
  });

  return {
    issue(bearer, expiresMs) {
      const accessKeyId = newAccessKeyId(temporaryKeyPrefix, bearer.account, ids);
      const { nonce, cipher, hmac } = tools.take();
      const text = Buffer.from(JSON.stringify({ ...bearer, expiresMs }));
      const isPlain = text.length <= plainBytesMax;
      const format = Buffer.of(isPlain ? formats.plain : formats.deflated);
      // The access key is authenticated with it: a token cannot be used under another name.
      cipher.setAAD(Buffer.from(accessKeyId));
      const sealed = Buffer.concat([cipher.update(isPlain ? text : deflateRawSync(text)), cipher.final()]);
      const sessionToken = Buffer.concat([format, nonce, sealed, cipher.getAuthTag()]).toString('base64');
      return { accessKeyId, secretAccessKey: secretBy(hmac, accessKeyId, sessionToken), sessionToken, expiresMs };
    },

    open(accessKeyId, sessionToken, nowMs) {
      const bytes = sessionToken.length > tokenLengthMax ? Buffer.alloc(0) : Buffer.from(sessionToken, 'base64');
      const [format] = bytes;
      if (bytes.length < 1 + nonceBytes + tagBytes || (format !== formats.plain && format !== formats.deflated))
        return { status: 'invalid' };
      for (const keys of [present, ...older().filter(({ untilMs }) => nowMs < untilMs), ...ended]) {
        const text = opened(bytes, accessKeyId, keys);
        if (text === undefined) continue;
        // Authenticated: we wrote it.
        const { expiresMs, ...bearer } = JSON.parse(text) as Bearer & { expiresMs: number };
        if (nowMs >= expiresMs) return { status: 'expired' };
        if (ended.includes(keys) && bearer.kind !== 'function') return { status: 'invalid' };
        return { status: 'ok', bearer, expiresMs, secretAccessKey: secretBy(hmacOf(keys), accessKeyId, sessionToken) };
      }
      return { status: 'invalid' };
    },

    renew(another) {
      ended.unshift(present);
      ended.length = Math.min(ended.length, endedMax);
      present = sessionKeysOf(another);
      tools.drop();
    },
  };
}

/** Undefined: these keys did not make it. */
function opened(bytes: Buffer, accessKeyId: string, { sealing }: SessionKeys): string | undefined {
  const decipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(1, 1 + nonceBytes), {
    authTagLength: tagBytes,
  })
    .setAAD(Buffer.from(accessKeyId))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(1 + nonceBytes, -tagBytes)), decipher.final()]);
    const isPacked = bytes[0] === formats.deflated;
    return (isPacked ? inflateRawSync(text, { maxOutputLength: unpackedBytesMax }) : text).toString('utf8');
  } catch {
    return undefined;
  }
}
