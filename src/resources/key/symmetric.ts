/** What a symmetric key does, by its name: for KMS's own operations, and for services that encrypt what they keep. */
import type { Ids } from '../../util/ids.ts';
import type { EncryptionContext, Key } from '../key.ts';
import { decryptWith, encryptWith, namesIn } from './cipher.ts';
import { invalidCiphertext, invalidUsage } from './key-errors.ts';
import { isSymmetric } from './key-specs.ts';
import type { Keys } from './keys.ts';

/** Throws where the key cannot be used for it, or not now. */
export function encrypt(
  keys: Keys,
  key: Key,
  plain: Uint8Array,
  context: EncryptionContext,
  ids: Pick<Ids, 'hex'>,
): Buffer {
  requireSymmetric(keys, key);
  keys.requireUsable(key);
  const material = keys.material(key);
  return encryptWith(material.bytes, { keyId: key.id, materialId: material.id }, plain, context, ids);
}

/** The key that a ciphertext was made with. Throws InvalidCiphertextException where there is none, or none any more. */
export function keyOfCiphertext(keys: Keys, ciphertext: Uint8Array): Key {
  const key = keys.byId(namesIn(ciphertext).keyId);
  if (key === undefined) throw invalidCiphertext();
  return key;
}

/** Throws InvalidCiphertextException, and where its key cannot be used now. */
export function decrypt(
  keys: Keys,
  ciphertext: Uint8Array,
  context: EncryptionContext,
): { key: Key; materialId: string; plain: Buffer } {
  const key = keyOfCiphertext(keys, ciphertext);
  keys.requireUsable(key);
  const material = keys.material(key, namesIn(ciphertext).materialId);
  return { key, materialId: material.id, plain: decryptWith(material.bytes, ciphertext, context) };
}

/** Throws InvalidKeyUsageException. */
export function requireSymmetric(keys: Keys, key: Key): void {
  if (!isSymmetric(key))
    throw invalidUsage(`${keys.arnOf(key)} key usage is ${key.usage} which is not valid for a symmetric operation.`);
}
