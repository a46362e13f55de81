/**
 * Credentials that end by themselves: those of functions' environments, and sessions of STS. Nothing is stored: the
 * session token is who has it, sealed with a key that only the platform has, and the secret follows from the token.
 * docs/decisions/032-function-credentials.md
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Ids } from '../util/ids.ts';
import { newAccessKeyId } from './access-key-id.ts';
import type { Principal } from './principal.ts';
import type { Credentials } from './sign.ts';

/** Who a session is of: the principal that its credentials make of a request. */
export type Bearer = WithoutKey<Exclude<Principal, { kind: 'anonymous' }>>;
type WithoutKey<Whoever> = Whoever extends unknown ? Omit<Whoever, 'accessKeyId'> : never;

export type Session = Required<Credentials> & { expiresMs: number };

type OpenedSession =
  | { status: 'ok'; bearer: Bearer; secretAccessKey: string }
  | { status: 'expired' }
  | { status: 'invalid' };

export interface TemporaryCredentials {
  issue(bearer: Bearer, expiresMs: number): Session;
  open(accessKeyId: string, sessionToken: string, nowMs: number): OpenedSession;
}

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

export function createTemporaryCredentials(masterKey: Buffer, ids: Ids): TemporaryCredentials {
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', masterKey, '', `mayfly ${purpose}`, 32));
  const sealingKey = derive('session token');
  const secretKey = derive('session secret');
  const secretOf = (accessKeyId: string, token: string): string =>
    createHmac('sha256', secretKey).update(`${accessKeyId}\n${token}`).digest('base64').slice(0, 40);

  return {
    issue(bearer, expiresMs) {
      const accessKeyId = newAccessKeyId(temporaryKeyPrefix, bearer.account, ids);
      const nonce = Buffer.from(ids.hex(nonceBytes), 'hex');
      const text = Buffer.from(JSON.stringify({ ...bearer, expiresMs }));
      const isPlain = text.length <= plainBytesMax;
      const format = Buffer.of(isPlain ? formats.plain : formats.deflated);
      // The access key is authenticated with it: a token cannot be used under another name.
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce).setAAD(Buffer.from(accessKeyId));
      const sealed = Buffer.concat([cipher.update(isPlain ? text : deflateRawSync(text)), cipher.final()]);
      const sessionToken = Buffer.concat([format, nonce, sealed, cipher.getAuthTag()]).toString('base64');
      return { accessKeyId, secretAccessKey: secretOf(accessKeyId, sessionToken), sessionToken, expiresMs };
    },

    open(accessKeyId, sessionToken, nowMs) {
      const bytes = sessionToken.length > tokenLengthMax ? Buffer.alloc(0) : Buffer.from(sessionToken, 'base64');
      const [format] = bytes;
      if (bytes.length < 1 + nonceBytes + tagBytes || (format !== formats.plain && format !== formats.deflated))
        return { status: 'invalid' };
      const nonce = bytes.subarray(1, 1 + nonceBytes);
      const decipher = createDecipheriv('aes-256-gcm', sealingKey, nonce, { authTagLength: tagBytes })
        .setAAD(Buffer.from(accessKeyId))
        .setAuthTag(bytes.subarray(-tagBytes));
      let text: Buffer;
      try {
        text = Buffer.concat([decipher.update(bytes.subarray(1 + nonceBytes, -tagBytes)), decipher.final()]);
        if (format === formats.deflated) text = inflateRawSync(text, { maxOutputLength: unpackedBytesMax });
      } catch {
        return { status: 'invalid' };
      }
      // Authenticated: we wrote it.
      const { expiresMs, ...bearer } = JSON.parse(text.toString('utf8')) as Bearer & { expiresMs: number };
      if (nowMs >= expiresMs) return { status: 'expired' };
      return { status: 'ok', bearer, secretAccessKey: secretOf(accessKeyId, sessionToken) };
    },
  };
}
