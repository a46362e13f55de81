/**
 * Text that only this platform can read again. Each text is sealed with a data key of its own (AES-256-GCM), and that
 * key with the platform's, whose name goes along: so the platform's can be replaced without a text being touched.
 *
 * `m1.<name of the platform's key>.<data key, sealed>.<text, sealed>`, the last two in base64url.
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { PlatformError } from './errors.ts';
import type { Ids } from './ids.ts';

export interface Sealer {
  /** `purpose`: what the text belongs to; it opens for nothing else. */
  seal(text: string, purpose: string): string;
  /** False: with a key that has been replaced since; it still opens. */
  isCurrent(sealed: string): boolean;
  /** Errors: `unavailable` for what another key sealed, was sealed for another purpose, or has been changed. */
  open(sealed: string, purpose: string): string;
}

const format = 'm1';
const cipherName = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** `keys`: 32 bytes each. The first one seals, all of them open. */
export function createSealer(keys: readonly [Buffer, ...Buffer[]], ids: Ids): Sealer {
  const byName = new Map(keys.map((key) => [nameOf(key), key]));
  const [sealing] = keys;
  const sealingName = nameOf(sealing);

  function encrypt(key: Buffer, plain: Buffer, purpose: string): Buffer {
    const nonce = Buffer.from(ids.hex(nonceBytes), 'hex');
    const cipher = createCipheriv(cipherName, key, nonce).setAAD(Buffer.from(purpose));
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  return {
    seal(text, purpose) {
      const dataKey = Buffer.from(ids.hex(keyBytes), 'hex');
      const boxes = [encrypt(sealing, dataKey, purpose), encrypt(dataKey, Buffer.from(text), purpose)];
      return [format, sealingName, ...boxes.map((box) => box.toString('base64url'))].join('.');
    },

    isCurrent: (sealed) => sealed.startsWith(`${format}.${sealingName}.`),

    open(sealed, purpose) {
      const [formatFound, name = '', wrapped = '', box = ''] = sealed.split('.');
      const key = byName.get(name);
      if (formatFound !== format || key === undefined) {
        throw new PlatformError('unavailable', `${purpose} was sealed with another key than this platform has`);
      }
      try {
        const dataKey = decrypt(key, Buffer.from(wrapped, 'base64url'), purpose);
        return decrypt(dataKey, Buffer.from(box, 'base64url'), purpose).toString();
      } catch (error) {
        throw new PlatformError('unavailable', `${purpose} is not as this platform sealed it`, { cause: error });
      }
    },
  };
}

function decrypt(key: Buffer, box: Buffer, purpose: string): Buffer {
  const decipher = createDecipheriv(cipherName, key, box.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(purpose))
    .setAuthTag(box.subarray(-tagBytes));
  return Buffer.concat([decipher.update(box.subarray(nonceBytes, -tagBytes)), decipher.final()]);
}

/** Says which key it is, and nothing of it. */
const nameOf = (key: Buffer): string =>
  createHash('sha256').update('mayfly key name').update(key).digest('hex').slice(0, 16);
