import type {
  DeriveSharedSecretRequest,
  DeriveSharedSecretResponse,
  GenerateMacRequest,
  GenerateMacResponse,
  GetPublicKeyRequest,
  GetPublicKeyResponse,
  SignRequest,
  SignResponse,
  VerifyMacRequest,
  VerifyMacResponse,
  VerifyRequest,
  VerifyResponse,
} from '@aws-sdk/client-kms';
import type { Key } from '../../resources/key.ts';
import {
  isSame,
  macOf,
  privateKeyOf,
  publicKeyOf,
  sharedSecret,
  signWith,
  verifyWith,
  type SignedMessage,
} from '../../resources/key/asymmetric.ts';
import { keyValidation, unsupportedKeyOperation } from '../../resources/key/key-errors.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { algorithmMembers } from './key-metadata.ts';
import { endDryRun, needKey, onKey, refuseRecipient, requireUsage } from './key-reference.ts';
import type { KmsParts } from './kms-parts.ts';

const onSigning = (parts: KmsParts, action: string): OperationEntry['access'] =>
  ((context: AwsContext, input: SignRequest) =>
    onKey(parts.keys, context, action, input.KeyId, {
      conditions: { 'kms:signingalgorithm': input.SigningAlgorithm, 'kms:messagetype': input.MessageType ?? 'RAW' },
    })) satisfies OperationEntry['access'];

function signing({ keys }: KmsParts, context: AwsContext, input: SignRequest, what: string): Key {
  const key = needKey(keys, context, input.KeyId);
  keys.requireUsable(key);
  requireUsage(keys, key, 'SIGN_VERIFY', what, input.SigningAlgorithm);
  return key;
}

function messageOf({ Message = new Uint8Array(), MessageType = 'RAW' }: SignRequest): SignedMessage {
  if (MessageType === 'EXTERNAL_MU') throw keyValidation('The message type EXTERNAL_MU is not available here.');
  return { message: Message, type: MessageType };
}

const publicOf = ({ publicKey = '' }: Key) => publicKeyOf(Buffer.from(publicKey, 'base64'));

export const sign = (parts: KmsParts): OperationEntry => ({
  access: onSigning(parts, 'Sign'),
  run(context: AwsContext, input: SignRequest): Promise<SignResponse> {
    const key = signing(parts, context, input, 'signing');
    const own = privateKeyOf(parts.keys.material(key).bytes);
    const signature = signWith(own, input.SigningAlgorithm ?? '', messageOf(input));
    endDryRun(input);
    return Promise.resolve({
      KeyId: parts.keys.arnOf(key),
      Signature: signature,
      SigningAlgorithm: input.SigningAlgorithm,
    });
  },
});

export const verify = (parts: KmsParts): OperationEntry => ({
  access: onSigning(parts, 'Verify'),
  run(context: AwsContext, input: VerifyRequest): Promise<VerifyResponse> {
    const key = signing(parts, context, input, 'verifying');
    const { SigningAlgorithm: algorithm = '', Signature: signature = new Uint8Array() } = input;
    if (!verifyWith(publicOf(key), algorithm, messageOf(input), signature))
      throw new PlatformError('invalid_argument', '', { reason: 'KMSInvalidSignatureException' });
    endDryRun(input);
    return Promise.resolve({
      KeyId: parts.keys.arnOf(key),
      SignatureValid: true,
      SigningAlgorithm: input.SigningAlgorithm,
    });
  },
});

export const getPublicKey = ({ keys }: KmsParts): OperationEntry => ({
  access: (context, input: GetPublicKeyRequest) => onKey(keys, context, 'GetPublicKey', input.KeyId),
  run(context: AwsContext, input: GetPublicKeyRequest): Promise<GetPublicKeyResponse> {
    const key = needKey(keys, context, input.KeyId);
    keys.requireUsable(key);
    if (key.publicKey === undefined)
      throw unsupportedKeyOperation(`${keys.arnOf(key)} is a ${key.spec} key, which has no public key.`);
    const { MacAlgorithms: _none, ...algorithms } = algorithmMembers(key);
    return Promise.resolve({
      KeyId: keys.arnOf(key),
      PublicKey: Buffer.from(key.publicKey, 'base64'),
      CustomerMasterKeySpec: key.spec as NonNullable<GetPublicKeyResponse['CustomerMasterKeySpec']>,
      KeySpec: key.spec,
      KeyUsage: key.usage,
      ...algorithms,
    });
  },
});

const onMac = (parts: KmsParts, action: string): OperationEntry['access'] =>
  ((context: AwsContext, input: GenerateMacRequest) =>
    onKey(parts.keys, context, action, input.KeyId, {
      conditions: { 'kms:macalgorithm': input.MacAlgorithm },
    })) satisfies OperationEntry['access'];

function macFor({ keys }: KmsParts, context: AwsContext, input: GenerateMacRequest): { key: Key; mac: Buffer } {
  const key = needKey(keys, context, input.KeyId);
  keys.requireUsable(key);
  requireUsage(keys, key, 'GENERATE_VERIFY_MAC', 'message authentication', input.MacAlgorithm);
  const { bytes } = keys.material(key);
  return { key, mac: macOf(bytes, input.MacAlgorithm ?? '', input.Message ?? new Uint8Array()) };
}

export const generateMac = (parts: KmsParts): OperationEntry => ({
  access: onMac(parts, 'GenerateMac'),
  run(context: AwsContext, input: GenerateMacRequest): Promise<GenerateMacResponse> {
    const { key, mac } = macFor(parts, context, input);
    endDryRun(input);
    return Promise.resolve({ KeyId: parts.keys.arnOf(key), Mac: mac, MacAlgorithm: input.MacAlgorithm });
  },
});

export const verifyMac = (parts: KmsParts): OperationEntry => ({
  access: onMac(parts, 'VerifyMac'),
  run(context: AwsContext, input: VerifyMacRequest): Promise<VerifyMacResponse> {
    const { key, mac } = macFor(parts, context, input);
    if (!isSame(mac, input.Mac ?? new Uint8Array()))
      throw new PlatformError('invalid_argument', '', { reason: 'KMSInvalidMacException' });
    endDryRun(input);
    return Promise.resolve({ KeyId: parts.keys.arnOf(key), MacValid: true, MacAlgorithm: input.MacAlgorithm });
  },
});

export const deriveSharedSecret = ({ keys }: KmsParts): OperationEntry => ({
  access: (context, input: DeriveSharedSecretRequest) =>
    onKey(keys, context, 'DeriveSharedSecret', input.KeyId, {
      conditions: { 'kms:keyagreementalgorithm': input.KeyAgreementAlgorithm },
    }),
  run(context: AwsContext, input: DeriveSharedSecretRequest): Promise<DeriveSharedSecretResponse> {
    refuseRecipient(input);
    const key = needKey(keys, context, input.KeyId);
    keys.requireUsable(key);
    requireUsage(keys, key, 'KEY_AGREEMENT', 'deriving shared secrets', input.KeyAgreementAlgorithm);
    const secret = sharedSecret(privateKeyOf(keys.material(key).bytes), input.PublicKey ?? new Uint8Array());
    endDryRun(input);
    return Promise.resolve({
      KeyId: keys.arnOf(key),
      SharedSecret: secret,
      KeyAgreementAlgorithm: input.KeyAgreementAlgorithm,
      KeyOrigin: 'AWS_KMS',
    });
  },
});
