import type {
  GenerateDataKeyPairRequest,
  GenerateDataKeyPairResponse,
  GenerateDataKeyPairWithoutPlaintextResponse,
  GenerateDataKeyRequest,
  GenerateDataKeyResponse,
  GenerateDataKeyWithoutPlaintextResponse,
  GenerateRandomRequest,
  GenerateRandomResponse,
} from '@aws-sdk/client-kms';
import type { Key } from '../../resources/key.ts';
import { generatePair } from '../../resources/key/asymmetric.ts';
import { keyValidation } from '../../resources/key/key-errors.ts';
import { isKeySpec } from '../../resources/key/key-specs.ts';
import { encrypt } from '../../resources/key/symmetric.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { encryptionContextOf, endDryRun, needKey, onKey, refuseRecipient, requireUsage } from './key-reference.ts';
import type { KmsParts } from './kms-parts.ts';

type Sealed = { key: Key; plain: Buffer; ciphertext: Buffer; materialId: string };
type Given = { KeyId?: string | undefined; EncryptionContext?: Record<string, string> | undefined };

function encrypted(parts: KmsParts, context: AwsContext, input: Given, plain: Buffer): Sealed {
  const { keys, ids } = parts;
  const key = needKey(keys, context, input.KeyId);
  keys.requireUsable(key);
  requireUsage(keys, key, 'ENCRYPT_DECRYPT', 'generating data keys', 'SYMMETRIC_DEFAULT');
  const ciphertext = encrypt(keys, key, plain, encryptionContextOf(input.EncryptionContext), ids);
  return { key, plain, ciphertext, materialId: key.materials.at(-1)?.id ?? '' };
}

function dataKey(parts: KmsParts, context: AwsContext, input: GenerateDataKeyRequest): Sealed {
  if ((input.KeySpec === undefined) === (input.NumberOfBytes === undefined))
    throw keyValidation('Please specify either number of bytes or key spec.');
  const bytes = input.NumberOfBytes ?? (input.KeySpec === 'AES_128' ? 16 : 32);
  return encrypted(parts, context, input, Buffer.from(parts.ids.hex(bytes), 'hex'));
}

const onDataKey = (parts: KmsParts, action: string): OperationEntry['access'] =>
  ((context: AwsContext, input: GenerateDataKeyRequest) =>
    onKey(parts.keys, context, action, input.KeyId, {
      encryptionContext: input.EncryptionContext,
      conditions: { 'kms:encryptionalgorithm': 'SYMMETRIC_DEFAULT' },
    })) satisfies OperationEntry['access'];

export const generateDataKey = (parts: KmsParts): OperationEntry => ({
  access: onDataKey(parts, 'GenerateDataKey'),
  run(context: AwsContext, input: GenerateDataKeyRequest): Promise<GenerateDataKeyResponse> {
    refuseRecipient(input);
    const made = dataKey(parts, context, input);
    endDryRun(input);
    return Promise.resolve({ ...withoutPlaintext(parts, made), Plaintext: made.plain });
  },
});

export const generateDataKeyWithoutPlaintext = (parts: KmsParts): OperationEntry => ({
  access: onDataKey(parts, 'GenerateDataKeyWithoutPlaintext'),
  run(context: AwsContext, input: GenerateDataKeyRequest): Promise<GenerateDataKeyWithoutPlaintextResponse> {
    const bytes =
      input.KeySpec === undefined && input.NumberOfBytes === undefined ? { KeySpec: 'AES_256' as const } : {};
    const made = dataKey(parts, context, { ...input, ...bytes });
    endDryRun(input);
    return Promise.resolve(withoutPlaintext(parts, made));
  },
});

const withoutPlaintext = (
  { keys }: KmsParts,
  { key, ciphertext, materialId }: Sealed,
): GenerateDataKeyWithoutPlaintextResponse => ({
  CiphertextBlob: ciphertext,
  KeyId: keys.arnOf(key),
  KeyMaterialId: materialId,
});

async function dataKeyPair(parts: KmsParts, context: AwsContext, input: GenerateDataKeyPairRequest) {
  const spec = input.KeyPairSpec ?? '';
  if (!isKeySpec(spec)) throw keyValidation(`KeyPairSpec ${spec} is offered in regions of China alone.`);
  // What is wrong with the key is said before a pair is made for nothing.
  encrypted(parts, context, input, Buffer.alloc(1));
  const pair = await generatePair(spec);
  if (pair === undefined) throw keyValidation(`KeyPairSpec ${spec} is no pair.`);
  const { key, ciphertext, materialId } = encrypted(parts, context, input, pair.privateDer);
  return {
    pair,
    answer: {
      PrivateKeyCiphertextBlob: ciphertext,
      PublicKey: pair.publicDer,
      KeyId: parts.keys.arnOf(key),
      KeyPairSpec: input.KeyPairSpec,
      KeyMaterialId: materialId,
    },
  };
}

const onPair = (parts: KmsParts, action: string): OperationEntry['access'] =>
  ((context: AwsContext, input: GenerateDataKeyPairRequest) =>
    onKey(parts.keys, context, action, input.KeyId, {
      encryptionContext: input.EncryptionContext,
      conditions: { 'kms:datakeypairspec': input.KeyPairSpec },
    })) satisfies OperationEntry['access'];

export const generateDataKeyPair = (parts: KmsParts): OperationEntry => ({
  access: onPair(parts, 'GenerateDataKeyPair'),
  async run(context: AwsContext, input: GenerateDataKeyPairRequest): Promise<GenerateDataKeyPairResponse> {
    refuseRecipient(input);
    const { pair, answer } = await dataKeyPair(parts, context, input);
    endDryRun(input);
    return { ...answer, PrivateKeyPlaintext: pair.privateDer };
  },
});

export const generateDataKeyPairWithoutPlaintext = (parts: KmsParts): OperationEntry => ({
  access: onPair(parts, 'GenerateDataKeyPairWithoutPlaintext'),
  async run(
    context: AwsContext,
    input: GenerateDataKeyPairRequest,
  ): Promise<GenerateDataKeyPairWithoutPlaintextResponse> {
    const { answer } = await dataKeyPair(parts, context, input);
    endDryRun(input);
    return answer;
  },
});

export const generateRandom = ({ ids }: KmsParts): OperationEntry => ({
  access: () => [{ action: 'kms:GenerateRandom', resource: '*' }],
  run(_context: AwsContext, input: GenerateRandomRequest): Promise<GenerateRandomResponse> {
    refuseRecipient(input);
    if (input.CustomKeyStoreId !== undefined) throw keyValidation('There are no custom key stores here.');
    if (input.NumberOfBytes === undefined) throw keyValidation('NumberOfBytes must not be null.');
    return Promise.resolve({ Plaintext: Buffer.from(ids.hex(input.NumberOfBytes), 'hex') });
  },
});
