/**
 * What symmetric keys encrypt. Each text has a key of its own, derived from the material with chance (HKDF), so that one
 * material never comes near the number of texts that AES-GCM's random nonces are good for. What it says of itself, and
 * the encryption context, are authenticated with it.
 *
 *     1 byte: format · 16: key · 16: material · 16: salt · 12: nonce · the text, encrypted · 16: tag
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { Ids } from '../../util/ids.ts';
import type { EncryptionContext } from '../key.ts';
import { invalidCiphertext } from './key-errors.ts';

const format = 1;
const nameBytes = 16;
const saltBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const headerBytes = 1 + 2 * nameBytes + saltBytes + nonceBytes;
const cipherName = 'aes-256-gcm';

/** `keyId`: a UUID. `materialId`: at least 32 hex digits. */
type Names = { keyId: string; materialId: string };

export function encryptWith(
  material: Buffer,
  { keyId, materialId }: Names,
  plain: Uint8Array,
  context: EncryptionContext,
  ids: Pick<Ids, 'hex'>,
): Buffer {
  const header = Buffer.concat([
    Buffer.from([format]),
    Buffer.from(keyId.replaceAll('-', ''), 'hex'),
    Buffer.from(materialId, 'hex').subarray(0, nameBytes),
    Buffer.from(ids.hex(saltBytes + nonceBytes), 'hex'),
  ]);
  const cipher = createCipheriv(cipherName, textKey(material, header), nonceOf(header));
  cipher.setAAD(Buffer.concat([header, contextBytes(context)]));
  return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Which key and material a ciphertext was made with; `materialId` is the beginning of one. Throws InvalidCiphertextException. */
export function namesIn(ciphertext: Uint8Array): Names {
  const bytes = Buffer.from(ciphertext);
  if (bytes.length < headerBytes + tagBytes || bytes[0] !== format) throw invalidCiphertext();
  const hex = bytes.toString('hex', 1, 1 + nameBytes);
  return {
    keyId: [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-'),
    materialId: bytes.toString('hex', 1 + nameBytes, 1 + 2 * nameBytes),
  };
}

/** Throws InvalidCiphertextException: another material, another context, or a byte that was changed. */
export function decryptWith(material: Buffer, ciphertext: Uint8Array, context: EncryptionContext): Buffer {
  const bytes = Buffer.from(ciphertext);
  const header = bytes.subarray(0, headerBytes);
  try {
    const decipher = createDecipheriv(cipherName, textKey(material, header), nonceOf(header), {
      authTagLength: tagBytes,
    })
      .setAAD(Buffer.concat([header, contextBytes(context)]))
      .setAuthTag(bytes.subarray(-tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(headerBytes, -tagBytes)), decipher.final()]);
  } catch (error) {
    throw invalidCiphertext(error);
  }
}

const textKey = (material: Buffer, header: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', material, header.subarray(1 + 2 * nameBytes, -nonceBytes), 'mayfly kms text', 32));

const nonceOf = (header: Buffer): Buffer => header.subarray(-nonceBytes);

/** The same for the same pairs, in whichever order they come. */
const contextBytes = (context: EncryptionContext): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1))));
