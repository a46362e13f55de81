/**
 * Text that only this platform can read again. Each text is sealed with a data key of its own (AES-256-GCM), and that
 * key with the platform's, whose name goes along: so the platform's can be replaced without a text being opened.
 *
 * `m2.<name of the platform's key>.<data key, sealed>.<text, sealed>`, the last two in base64url.
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

export type SealingKeys = readonly [Buffer, ...Buffer[]];

/** A sealer whose key is replaced while it is in use. */
export interface RotatingSealer extends Sealer {
  /** From now on the first of these seals; all of them open. */
  use(keys: SealingKeys): void;
  /** The same text under the present key: its own data key is sealed anew. Undefined: it is none that can be, or needs to be. */
  reseal(sealed: string): string | undefined;
  /** With one of the keys that only open. */
  isOlder(sealed: string): boolean;
}

/** `m1`: the data key was bound to the purpose, too, so that only who knows that can seal it anew. */
const formats = { bound: 'm1', present: 'm2' } as const;
/** What data keys are sealed for. */
const dataKeyPurpose = 'mayfly data key';
const cipherName = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** `keys`: 32 bytes each. The first one seals, all of them open. */
export function createSealer(keys: SealingKeys, ids: Ids): RotatingSealer {
  let byName: ReadonlyMap<string, Buffer>;
  let sealing: { name: string; key: Buffer };
  use(keys);

  function use(given: SealingKeys): void {
    byName = new Map(given.map((key) => [sealingKeyName(key), key]));
    sealing = { name: sealingKeyName(given[0]), key: given[0] };
  }

  function encrypt(key: Buffer, plain: Buffer, purpose: string): Buffer {
    const nonce = Buffer.from(ids.hex(nonceBytes), 'hex');
    const cipher = createCipheriv(cipherName, key, nonce).setAAD(Buffer.from(purpose));
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  const wrap = (dataKey: Buffer): string => encrypt(sealing.key, dataKey, dataKeyPurpose).toString('base64url');

  return {
    use,

    seal(text, purpose) {
      const dataKey = Buffer.from(ids.hex(keyBytes), 'hex');
      const box = encrypt(dataKey, Buffer.from(text), purpose).toString('base64url');
      return [formats.present, sealing.name, wrap(dataKey), box].join('.');
    },

    isCurrent: (sealed) => sealed.startsWith(`${formats.present}.${sealing.name}.`),

    open(sealed, purpose) {
      const [format, name = '', wrapped = '', box = ''] = sealed.split('.');
      const key = byName.get(name);
      if ((format !== formats.bound && format !== formats.present) || key === undefined) {
        throw new PlatformError('unavailable', `${purpose} was sealed with another key than this platform has`);
      }
      try {
        const dataKey = decrypt(
          key,
          Buffer.from(wrapped, 'base64url'),
          format === formats.bound ? purpose : dataKeyPurpose,
        );
        return decrypt(dataKey, Buffer.from(box, 'base64url'), purpose).toString();
      } catch (error) {
        throw new PlatformError('unavailable', `${purpose} is not as this platform sealed it`, { cause: error });
      }
    },

    isOlder(sealed) {
      const [, name = ''] = sealed.split('.');
      return name !== sealing.name && byName.has(name);
    },

    reseal(sealed) {
      const [format, name = '', wrapped = '', box = '', ...more] = sealed.split('.');
      const key = byName.get(name);
      if (format !== formats.present || key === undefined || key === sealing.key || more.length > 0) return undefined;
      try {
        const dataKey = decrypt(key, Buffer.from(wrapped, 'base64url'), dataKeyPurpose);
        return [format, sealing.name, wrap(dataKey), box].join('.');
      } catch {
        // It only looks like one.
        return undefined;
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
export const sealingKeyName = (key: Buffer): string =>
  createHash('sha256').update('mayfly key name').update(key).digest('hex').slice(0, 16);
