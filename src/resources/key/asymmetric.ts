/**
 * What keys with a public half do, and keyed digests. Signatures over a message go through node:crypto; where the caller
 * has digested it already, which node:crypto has no word for, RSA's padding is made here (pss.ts) and ECDSA is @noble/curves'.
 * https://docs.aws.amazon.com/kms/latest/developerguide/asymmetric-key-specs.html
 */
import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPair,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { signDigest, verifyDigest } from './ecdsa-digest.ts';
import { invalidCiphertext, keyValidation } from './key-errors.ts';
import { specOf, type KeyForm, type KeySpec } from './key-specs.ts';
import { isPssOf, pssOf } from './pss.ts';

export type KeyPair = { privateDer: Buffer; publicDer: Buffer };

const generate = promisify(generateKeyPair);

/** Undefined: such keys have no public half. */
export async function generatePair(spec: KeySpec): Promise<KeyPair | undefined> {
  const made = await generateForm(specOf(spec).form);
  if (made === undefined) return undefined;
  return {
    privateDer: made.privateKey.export({ format: 'der', type: 'pkcs8' }),
    publicDer: made.publicKey.export({ format: 'der', type: 'spki' }),
  };
}

function generateForm(form: KeyForm): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> | undefined {
  switch (form.kind) {
    case 'random':
      return undefined;
    case 'rsa':
      return generate('rsa', { modulusLength: form.modulusLength });
    case 'ec':
      return generate('ec', { namedCurve: form.namedCurve });
    case 'ed25519':
      return generate('ed25519');
    case 'ml-dsa':
      return generate(form.name);
  }
}

export const privateKeyOf = (der: Buffer): KeyObject => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
export const publicKeyOf = (der: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });

/** `DIGEST`: the message is the digest that the algorithm names. */
export type SignedMessage = { message: Uint8Array; type: 'RAW' | 'DIGEST' };

type Scheme =
  | { kind: 'pkcs1' | 'pss' | 'ecdsa'; digest: 'sha256' | 'sha384' | 'sha512'; digestBytes: number }
  | { kind: 'plain' };

function schemeOf(algorithm: string): Scheme {
  if (algorithm === 'ED25519_SHA_512' || algorithm === 'ML_DSA_SHAKE_256') return { kind: 'plain' };
  const [, family, bits] = /^(RSASSA_PKCS1_V1_5|RSASSA_PSS|ECDSA)_SHA_(256|384|512)$/.exec(algorithm) ?? [];
  if (family === undefined || bits === undefined) throw keyValidation(`The algorithm ${algorithm} signs nothing.`);
  const kind = family === 'ECDSA' ? 'ecdsa' : family === 'RSASSA_PSS' ? 'pss' : 'pkcs1';
  return { kind, digest: `sha${bits}` as 'sha256', digestBytes: Number(bits) / 8 };
}

/** Before the hash: what says which hash it is (RFC 8017, section 9.2). */
const digestPrefixes = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
} as const;

const digestInfo = (digest: keyof typeof digestPrefixes, message: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(digestPrefixes[digest], 'hex'), message]);

export function signWith(key: KeyObject, algorithm: string, { message, type }: SignedMessage): Buffer {
  const scheme = schemeOf(algorithm);
  if (scheme.kind === 'plain') {
    requireRaw(algorithm, type);
    return sign(null, message, key);
  }
  const { kind, digest, digestBytes } = scheme;
  if (type === 'RAW') return sign(digest, message, { key, ...paddingOf(kind) });
  requireDigest(algorithm, message, digestBytes);
  switch (kind) {
    case 'ecdsa':
      return signDigest(key, message);
    case 'pkcs1':
      return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(digest, message));
    case 'pss':
      return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, pssOf(message, digest, modulusBits(key)));
  }
}

export function verifyWith(
  key: KeyObject,
  algorithm: string,
  { message, type }: SignedMessage,
  signature: Uint8Array,
): boolean {
  const scheme = schemeOf(algorithm);
  if (scheme.kind === 'plain') {
    requireRaw(algorithm, type);
    return verify(null, message, key, signature);
  }
  const { kind, digest, digestBytes } = scheme;
  if (type === 'RAW') return verify(digest, message, { key, ...paddingOf(kind) }, signature);
  requireDigest(algorithm, message, digestBytes);
  switch (kind) {
    case 'ecdsa':
      return verifyDigest(key, message, signature);
    case 'pkcs1': {
      const found = unwrapped(key, signature, constants.RSA_PKCS1_PADDING);
      return found !== undefined && isSame(found, digestInfo(digest, message));
    }
    case 'pss': {
      const found = unwrapped(key, signature, constants.RSA_NO_PADDING);
      return found !== undefined && isPssOf(found, message, digest, modulusBits(key));
    }
  }
}

function unwrapped(key: KeyObject, signature: Uint8Array, padding: number): Buffer | undefined {
  try {
    return publicDecrypt({ key, padding }, signature);
  } catch {
    return undefined;
  }
}

/** The salt of PSS is as long as the digest. */
const paddingOf = (kind: 'pkcs1' | 'pss' | 'ecdsa') =>
  kind === 'pss'
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : kind === 'pkcs1'
      ? { padding: constants.RSA_PKCS1_PADDING }
      : {};

const modulusBits = (key: KeyObject): number => key.asymmetricKeyDetails?.modulusLength ?? 0;

function requireRaw(algorithm: string, type: SignedMessage['type']): void {
  if (type !== 'RAW') throw keyValidation(`The signing algorithm ${algorithm} takes messages of the type RAW alone.`);
}

function requireDigest(algorithm: string, { length }: Uint8Array, digestBytes: number): void {
  if (length !== digestBytes) throw keyValidation(`Digest is invalid length for algorithm ${algorithm}.`);
}

const oaepHash = (algorithm: string): string => (algorithm === 'RSAES_OAEP_SHA_1' ? 'sha1' : 'sha256');

/** Throws ValidationException for what is too long for the key. */
export function encryptAsymmetric(key: KeyObject, algorithm: string, plain: Uint8Array): Buffer {
  const oaepHashName = oaepHash(algorithm);
  const bytesMax = modulusBits(key) / 8 - 2 * (oaepHashName === 'sha1' ? 20 : 32) - 2;
  if (plain.length > bytesMax)
    throw keyValidation(
      `Algorithm ${algorithm} and key spec RSA_${modulusBits(key)} cannot encrypt data larger than ${bytesMax} bytes.`,
    );
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: oaepHashName }, plain);
}

/** Throws InvalidCiphertextException. */
export function decryptAsymmetric(key: KeyObject, algorithm: string, ciphertext: Uint8Array): Buffer {
  try {
    return privateDecrypt(
      { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: oaepHash(algorithm) },
      ciphertext,
    );
  } catch (error) {
    throw invalidCiphertext(error);
  }
}

/** `theirs`: their public key, DER. Throws ValidationException where it is none of the same curve. */
export function sharedSecret(own: KeyObject, theirs: Uint8Array): Buffer {
  try {
    return diffieHellman({ privateKey: own, publicKey: publicKeyOf(theirs) });
  } catch (error) {
    throw Object.assign(keyValidation('The public key is not one of the curve of this key.'), { cause: error });
  }
}

/** `HMAC_SHA_256` and the like. */
export const macOf = (secret: Buffer, algorithm: string, message: Uint8Array): Buffer =>
  createHmac(algorithm.replace('HMAC_SHA_', 'sha'), secret).update(message).digest();

export const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
