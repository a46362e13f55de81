/** Values of secrets and parameters encrypted with keys, as who asks: the key's policy is asked every time. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Vault } from '../resources/vault.ts';
import { PlatformError } from '../util/errors.ts';
import type { KeyCaller, KeyUse } from './key-use.ts';

export type KeyVaultOptions = {
  /** Longer texts, in bytes, are encrypted with a data key that goes along; the others with the key itself. */
  directBytesMax: number;
  /** What the service calls a key that cannot be used. */
  failures: { seal: string; open: string };
};

const cipherName = 'aes-256-gcm';
/** Every data key encrypts one text: any nonce does. */
const nonce = Buffer.alloc(12);
const tagBytes = 16;

/**
 * Sealed is `<base64>`, what KMS made of the text and can decrypt itself, or `<data key, encrypted>.<text, encrypted>`.
 * Errors: `permission_denied`, and the service's own for everything else that is wrong with a key.
 */
export function createKeyVault(
  keyUse: KeyUse,
  caller: KeyCaller,
  { directBytesMax, failures }: KeyVaultOptions,
): Vault {
  return {
    seal: (text, { keyId, context }) =>
      translated(failures.seal, async () => {
        const plain = Buffer.from(text);
        if (plain.length <= directBytesMax) {
          const { ciphertext } = await keyUse.encrypt(caller, { keyId, context }, plain);
          return ciphertext.toString('base64');
        }
        const dataKey = await keyUse.dataKey(caller, { keyId, context });
        const cipher = createCipheriv(cipherName, dataKey.plain, nonce);
        const box = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
        return `${dataKey.ciphertext.toString('base64')}.${box.toString('base64')}`;
      }),

    open: (sealed, context) =>
      translated(failures.open, async () => {
        const [first = '', box] = sealed.split('.');
        const { plain } = await keyUse.decrypt(caller, context, Buffer.from(first, 'base64'));
        if (box === undefined) return plain.toString();
        const bytes = Buffer.from(box, 'base64');
        const decipher = createDecipheriv(cipherName, plain, nonce, { authTagLength: tagBytes }).setAuthTag(
          bytes.subarray(-tagBytes),
        );
        return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString();
      }),
  };
}

async function translated<Result>(reason: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PlatformError) || error.fault === 'platform' || error.code === 'permission_denied')
      throw error;
    throw new PlatformError(error.code, error.message, { reason, field: 'KmsKeyId', cause: error });
  }
}
