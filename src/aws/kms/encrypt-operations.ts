import type {
  DecryptRequest,
  DecryptResponse,
  EncryptRequest,
  EncryptResponse,
  ReEncryptRequest,
  ReEncryptResponse,
} from '@aws-sdk/client-kms';
import type { EncryptionContext, Key } from '../../resources/key.ts';
import { decryptAsymmetric, encryptAsymmetric, privateKeyOf, publicKeyOf } from '../../resources/key/asymmetric.ts';
import { incorrectKey, invalidCiphertext, keyValidation } from '../../resources/key/key-errors.ts';
import { isSymmetric } from '../../resources/key/key-specs.ts';
import { decrypt, encrypt, keyOfCiphertext } from '../../resources/key/symmetric.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import {
  accessTo,
  encryptionContextOf,
  endDryRun,
  needKey,
  onKey,
  refuseRecipient,
  requireUsage,
} from './key-reference.ts';
import type { KmsParts } from './kms-parts.ts';

const symmetricName = 'SYMMETRIC_DEFAULT';

type Given = { algorithm: string | undefined; context: EncryptionContext };

function encryptFor(
  parts: KmsParts,
  key: Key,
  { algorithm = symmetricName, context }: Given,
  plain: Uint8Array,
): Buffer {
  const { keys, ids } = parts;
  keys.requireUsable(key);
  requireUsage(keys, key, 'ENCRYPT_DECRYPT', 'encrypting', algorithm);
  if (isSymmetric(key)) return encrypt(keys, key, plain, context, ids);
  requireNoContext(context);
  return encryptAsymmetric(publicKeyOf(Buffer.from(key.publicKey ?? '', 'base64')), algorithm, plain);
}

function decryptFor(
  { keys }: KmsParts,
  key: Key,
  { algorithm = symmetricName, context }: Given,
  ciphertext: Uint8Array,
): { plain: Buffer; materialId?: string } {
  keys.requireUsable(key);
  requireUsage(keys, key, 'ENCRYPT_DECRYPT', 'decrypting', algorithm);
  if (isSymmetric(key)) return decrypt(keys, ciphertext, context);
  requireNoContext(context);
  return { plain: decryptAsymmetric(privateKeyOf(keys.material(key).bytes), algorithm, ciphertext) };
}

function requireNoContext(context: EncryptionContext): void {
  if (Object.keys(context).length > 0) throw keyValidation('An encryption context goes with symmetric keys alone.');
}

/** Symmetric ciphertexts name their key; of others it has to be said. */
function keyOf(parts: KmsParts, context: AwsContext, given: DecryptGiven): Key {
  const { keyId, algorithm = symmetricName, ciphertext } = given;
  const named = keyId === undefined ? undefined : needKey(parts.keys, context, keyId);
  if (algorithm !== symmetricName) {
    if (named === undefined) throw keyValidation('KeyId is needed to decrypt with an asymmetric key.');
    return named;
  }
  if (ciphertext === undefined) throw invalidCiphertext();
  const own = keyOfCiphertext(parts.keys, ciphertext);
  if (named !== undefined && named.id !== own.id)
    throw incorrectKey('The key ID in the request does not identify a CMK that can perform this operation.');
  return own;
}

type DecryptGiven = { keyId: string | undefined; algorithm: string | undefined; ciphertext: Uint8Array | undefined };

const sourceOf = (input: DecryptRequest): DecryptGiven => ({
  keyId: input.KeyId,
  algorithm: input.EncryptionAlgorithm,
  ciphertext: input.CiphertextBlob,
});

const algorithmKey = (algorithm: string | undefined) => ({ 'kms:encryptionalgorithm': algorithm ?? symmetricName });

export const encryptOperation = (parts: KmsParts): OperationEntry => ({
  access: (context, input: EncryptRequest) =>
    onKey(parts.keys, context, 'Encrypt', input.KeyId, {
      encryptionContext: input.EncryptionContext,
      conditions: algorithmKey(input.EncryptionAlgorithm),
    }),
  run(context: AwsContext, input: EncryptRequest): Promise<EncryptResponse> {
    const key = needKey(parts.keys, context, input.KeyId);
    const given = { algorithm: input.EncryptionAlgorithm, context: encryptionContextOf(input.EncryptionContext) };
    const ciphertext = encryptFor(parts, key, given, input.Plaintext ?? new Uint8Array());
    endDryRun(input);
    return Promise.resolve({
      CiphertextBlob: ciphertext,
      KeyId: parts.keys.arnOf(key),
      EncryptionAlgorithm: input.EncryptionAlgorithm ?? symmetricName,
    });
  },
});

export const decryptOperation = (parts: KmsParts): OperationEntry => ({
  access: (context, input: DecryptRequest) => [
    accessTo(parts.keys, context, 'Decrypt', keyOf(parts, context, sourceOf(input)), {
      encryptionContext: input.EncryptionContext,
      conditions: algorithmKey(input.EncryptionAlgorithm),
    }),
  ],
  run(context: AwsContext, input: DecryptRequest): Promise<DecryptResponse> {
    refuseRecipient(input);
    const key = keyOf(parts, context, sourceOf(input));
    const given = { algorithm: input.EncryptionAlgorithm, context: encryptionContextOf(input.EncryptionContext) };
    const { plain, materialId } = decryptFor(parts, key, given, input.CiphertextBlob ?? new Uint8Array());
    endDryRun(input);
    return Promise.resolve({
      KeyId: parts.keys.arnOf(key),
      Plaintext: plain,
      EncryptionAlgorithm: input.EncryptionAlgorithm ?? symmetricName,
      ...(materialId !== undefined && { KeyMaterialId: materialId }),
    });
  },
});

const reEncryptSource = (input: ReEncryptRequest): DecryptGiven => ({
  keyId: input.SourceKeyId,
  algorithm: input.SourceEncryptionAlgorithm,
  ciphertext: input.CiphertextBlob,
});

/** The text is never out of here. */
export const reEncrypt = (parts: KmsParts): OperationEntry => ({
  access(context, input: ReEncryptRequest) {
    const source = keyOf(parts, context, reEncryptSource(input));
    const isSame = source.id === needKey(parts.keys, context, input.DestinationKeyId).id;
    const conditions = { 'kms:reencryptonsamekey': String(isSame) };
    return [
      accessTo(parts.keys, context, 'ReEncryptFrom', source, {
        encryptionContext: input.SourceEncryptionContext,
        conditions: { ...conditions, ...algorithmKey(input.SourceEncryptionAlgorithm) },
      }),
      ...onKey(parts.keys, context, 'ReEncryptTo', input.DestinationKeyId, {
        encryptionContext: input.DestinationEncryptionContext,
        conditions: { ...conditions, ...algorithmKey(input.DestinationEncryptionAlgorithm) },
      }),
    ];
  },
  run(context: AwsContext, input: ReEncryptRequest): Promise<ReEncryptResponse> {
    const { SourceEncryptionAlgorithm: from, DestinationEncryptionAlgorithm: to } = input;
    const source = keyOf(parts, context, reEncryptSource(input));
    const target = needKey(parts.keys, context, input.DestinationKeyId);
    const given = { algorithm: from, context: encryptionContextOf(input.SourceEncryptionContext) };
    const wanted = { algorithm: to, context: encryptionContextOf(input.DestinationEncryptionContext) };
    const { plain, materialId } = decryptFor(parts, source, given, input.CiphertextBlob ?? new Uint8Array());
    const ciphertext = encryptFor(parts, target, wanted, plain);
    endDryRun(input);
    const current = target.materials.at(-1);
    return Promise.resolve({
      CiphertextBlob: ciphertext,
      SourceKeyId: parts.keys.arnOf(source),
      KeyId: parts.keys.arnOf(target),
      SourceEncryptionAlgorithm: from ?? symmetricName,
      DestinationEncryptionAlgorithm: to ?? symmetricName,
      ...(materialId !== undefined && { SourceKeyMaterialId: materialId }),
      ...(isSymmetric(target) && current !== undefined && { DestinationKeyMaterialId: current.id }),
    });
  },
});
