/**
 * Short-lived credentials for the environments of functions. Nothing is stored: the session token is the identity,
 * sealed with a key that only the platform has, and the secret follows from the token. docs/decisions/032-function-credentials.md
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { AccountId, EnvironmentId, FunctionArn, Ids } from '../util/ids.ts';
import { base32 } from './credentials.ts';
import type { Credentials } from './sign.ts';

type FunctionIdentity = {
  account: AccountId;
  functionArn: FunctionArn;
  functionName: string;
  /** The credentials are good only on connections that come out of this environment. */
  environmentId: EnvironmentId;
};

type FunctionSession = Required<Credentials> & { expiresMs: number };

type OpenedSession =
  | { status: 'ok'; identity: FunctionIdentity; secretAccessKey: string }
  | { status: 'expired' }
  | { status: 'invalid' };

export interface FunctionCredentials {
  issue(identity: FunctionIdentity, expiresMs: number): FunctionSession;
  open(accessKeyId: string, sessionToken: string, nowMs: number): OpenedSession;
}

/** AWS's prefix of temporary access keys. */
export const temporaryKeyPrefix = 'ASIA';
const formatVersion = 1;
const nonceBytes = 12;
const tagBytes = 16;
/** A sealed identity has about 400 bytes; the limit keeps strangers from having us decrypt megabytes. */
const tokenLengthMax = 4_096;

export function createFunctionCredentials(masterKey: Buffer, ids: Ids): FunctionCredentials {
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', masterKey, '', `mayfly ${purpose}`, 32));
  const sealingKey = derive('session token');
  const secretKey = derive('session secret');
  const secretOf = (accessKeyId: string, token: string): string =>
    createHmac('sha256', secretKey).update(`${accessKeyId}\n${token}`).digest('base64').slice(0, 40);

  return {
    issue(identity, expiresMs) {
      const accessKeyId = temporaryKeyPrefix + base32(ids.hex(10));
      const nonce = Buffer.from(ids.hex(nonceBytes), 'hex');
      // The access key is authenticated with it: a token cannot be used under another name.
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce).setAAD(Buffer.from(accessKeyId));
      const sealed = Buffer.concat([cipher.update(JSON.stringify({ ...identity, expiresMs })), cipher.final()]);
      const sessionToken = Buffer.concat([Buffer.of(formatVersion), nonce, sealed, cipher.getAuthTag()]).toString(
        'base64',
      );
      return { accessKeyId, secretAccessKey: secretOf(accessKeyId, sessionToken), sessionToken, expiresMs };
    },

    open(accessKeyId, sessionToken, nowMs) {
      const bytes = sessionToken.length > tokenLengthMax ? Buffer.alloc(0) : Buffer.from(sessionToken, 'base64');
      if (bytes.length < 1 + nonceBytes + tagBytes || bytes[0] !== formatVersion) return { status: 'invalid' };
      const nonce = bytes.subarray(1, 1 + nonceBytes);
      const decipher = createDecipheriv('aes-256-gcm', sealingKey, nonce)
        .setAAD(Buffer.from(accessKeyId))
        .setAuthTag(bytes.subarray(-tagBytes));
      let text: string;
      try {
        text = Buffer.concat([decipher.update(bytes.subarray(1 + nonceBytes, -tagBytes)), decipher.final()]).toString(
          'utf8',
        );
      } catch {
        return { status: 'invalid' };
      }
      // Authenticated: we wrote it.
      const { expiresMs, ...identity } = JSON.parse(text) as FunctionIdentity & { expiresMs: number };
      if (nowMs >= expiresMs) return { status: 'expired' };
      return { status: 'ok', identity, secretAccessKey: secretOf(accessKeyId, sessionToken) };
    },
  };
}
