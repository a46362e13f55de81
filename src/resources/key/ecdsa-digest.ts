/** ECDSA over a digest that somebody else has made; signatures in DER. node:crypto always digests by itself. */
import type { KeyObject } from 'node:crypto';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keyValidation } from './key-errors.ts';

/** By OpenSSL's names. */
const curves = { prime256v1: p256, secp384r1: p384, secp521r1: p521, secp256k1 } as const;

// `prehash`: it would digest. `lowS`: AWS gives, and takes, both forms of a signature.
const options = { prehash: false, lowS: false, format: 'der' } as const;

export const signDigest = (key: KeyObject, digest: Uint8Array): Buffer =>
  Buffer.from(curveOf(key).sign(digest, bytesOf(key, 'd'), options));

export function verifyDigest(key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const point = Buffer.concat([Buffer.from([4]), bytesOf(key, 'x'), bytesOf(key, 'y')]);
  try {
    return curveOf(key).verify(signature, digest, point, options);
  } catch {
    // No signature at all.
    return false;
  }
}

function curveOf(key: KeyObject): (typeof curves)[keyof typeof curves] {
  const name = key.asymmetricKeyDetails?.namedCurve ?? '';
  if (Object.hasOwn(curves, name)) return curves[name as keyof typeof curves];
  throw keyValidation(`A key of the curve ${name} signs no digests.`);
}

const bytesOf = (key: KeyObject, part: 'd' | 'x' | 'y'): Buffer =>
  Buffer.from(key.export({ format: 'jwk' })[part] ?? '', 'base64url');
