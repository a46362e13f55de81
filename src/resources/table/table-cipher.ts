/**
 * What lies on the disk of a table: sealed with a key of the table's own (AES-256-GCM), which is itself sealed by the platform or by a
 * key of KMS. Each process takes a key of its own from that, by a random salt, and counts its nonces: none is ever used twice,
 * however much is written. In base64: salt, nonce, what was made of the text, tag.
 */
import { createCipheriv, createDecipheriv, hash, hkdfSync } from 'node:crypto';
import { PlatformError } from '../../util/errors.ts';
import type { Ids } from '../../util/ids.ts';

/** The table's key in base64: sealed by the platform, or the ciphertext that a key of KMS made of it. */
export type StoredTableKey =
  | { readonly kind: 'platform'; readonly sealed: string }
  | {
      readonly kind: 'kms';
      readonly keyArn: string;
      readonly ciphertext: string;
      /** What KMS was told that it is for. */
      readonly context: Readonly<Record<string, string>>;
    };

/** `purpose`: what the text belongs to; it opens for nothing else. */
export interface TableCipher {
  seal(text: string, purpose: string): string;
  /** Errors: `unavailable` for what is not as this table's key sealed it. */
  open(sealed: string, purpose: string): string;
  /** 32 hex digits, by which the same text of this table is found, and that tell nobody else what it was. */
  digest(text: string): string;
}

const cipherName = 'aes-256-gcm';
export const tableKeyBytes = 32;
const saltBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = saltBytes + nonceBytes;
/** 128 bits: no two of the texts of a table ever have the same. */
const digestCharacters = 32;
/** Keys by salt that are kept at hand: one for each process that wrote what is being read. */
const keysMax = 256;

export function createTableCipher(key: Uint8Array, ids: Ids): TableCipher {
  const salt = Buffer.from(ids.hex(saltBytes), 'hex');
  const keys = new Map<string, Buffer>();
  const own = keyBySalt(salt);
  const pepper = Buffer.from(hkdfSync('sha256', key, '', 'mayfly table digest', tableKeyBytes)).toString('base64');
  let sealed = 0;

  function keyBySalt(of: Buffer): Buffer {
    const name = of.toString('latin1');
    const held = keys.get(name);
    if (held !== undefined) return held;
    const derived = Buffer.from(hkdfSync('sha256', key, of, 'mayfly table', tableKeyBytes));
    if (keys.size >= keysMax) for (const [oldest] of keys.entries().take(1)) keys.delete(oldest);
    keys.set(name, derived);
    return derived;
  }

  return {
    digest: (text) => hash('sha256', pepper + text, 'hex').slice(0, digestCharacters),

    seal(text, purpose) {
      const nonce = Buffer.alloc(nonceBytes);
      nonce.writeBigUInt64BE(BigInt((sealed += 1)), nonceBytes - 8);
      const cipher = createCipheriv(cipherName, own, nonce).setAAD(Buffer.from(purpose));
      return Buffer.concat([salt, nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64');
    },

    open(text, purpose) {
      const box = Buffer.from(text, 'base64');
      try {
        const decipher = createDecipheriv(
          cipherName,
          keyBySalt(box.subarray(0, saltBytes)),
          box.subarray(saltBytes, headBytes),
          { authTagLength: tagBytes },
        )
          .setAAD(Buffer.from(purpose))
          .setAuthTag(box.subarray(-tagBytes));
        return decipher.update(box.subarray(headBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
      } catch (error) {
        throw new PlatformError('unavailable', `${purpose.slice(0, 100)} is not as this table's key sealed it`, {
          cause: error,
        });
      }
    },
  };
}
