/** What kinds of keys there are, and what each can do. https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html */

const keyUsages = ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'] as const;
export type KeyUsage = (typeof keyUsages)[number];

export const isKeyUsage = (name: string): name is KeyUsage => keyUsages.some((usage) => usage === name);

/** `random`: so many bytes of chance. The others are pairs, as node:crypto makes them. */
export type KeyForm =
  | { kind: 'random'; bytes: number }
  | { kind: 'rsa'; modulusLength: number }
  | { kind: 'ec'; namedCurve: string }
  | { kind: 'ed25519' }
  | { kind: 'ml-dsa'; name: 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87' };

type Spec = {
  form: KeyForm;
  /** Algorithms by usage; the first usage is the one where none is said. */
  usages: Readonly<Partial<Record<KeyUsage, readonly string[]>>>;
  /** Whether its usage has to be said. */
  needsUsage: boolean;
};

const rsaUsages = {
  ENCRYPT_DECRYPT: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'],
  SIGN_VERIFY: [
    'RSASSA_PKCS1_V1_5_SHA_256',
    'RSASSA_PKCS1_V1_5_SHA_384',
    'RSASSA_PKCS1_V1_5_SHA_512',
    'RSASSA_PSS_SHA_256',
    'RSASSA_PSS_SHA_384',
    'RSASSA_PSS_SHA_512',
  ],
};
const rsa = (modulusLength: number): Spec => ({
  form: { kind: 'rsa', modulusLength },
  usages: rsaUsages,
  needsUsage: true,
});
const nist = (namedCurve: string, algorithm: string): Spec => ({
  form: { kind: 'ec', namedCurve },
  usages: { SIGN_VERIFY: [algorithm], KEY_AGREEMENT: ['ECDH'] },
  needsUsage: true,
});
const hmac = (bits: number): Spec => ({
  form: { kind: 'random', bytes: bits / 8 },
  usages: { GENERATE_VERIFY_MAC: [`HMAC_SHA_${bits}`] },
  needsUsage: true,
});
const mlDsa = (name: 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87'): Spec => ({
  form: { kind: 'ml-dsa', name },
  usages: { SIGN_VERIFY: ['ML_DSA_SHAKE_256'] },
  needsUsage: true,
});

export const keySpecs = {
  SYMMETRIC_DEFAULT: {
    form: { kind: 'random', bytes: 32 },
    usages: { ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT'] },
    needsUsage: false,
  },
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  ECC_NIST_P256: nist('P-256', 'ECDSA_SHA_256'),
  ECC_NIST_P384: nist('P-384', 'ECDSA_SHA_384'),
  ECC_NIST_P521: nist('P-521', 'ECDSA_SHA_512'),
  ECC_SECG_P256K1: {
    form: { kind: 'ec', namedCurve: 'secp256k1' },
    usages: { SIGN_VERIFY: ['ECDSA_SHA_256'] },
    needsUsage: true,
  },
  ECC_NIST_EDWARDS25519: {
    form: { kind: 'ed25519' },
    usages: { SIGN_VERIFY: ['ED25519_SHA_512'] },
    needsUsage: true,
  },
  ML_DSA_44: mlDsa('ml-dsa-44'),
  ML_DSA_65: mlDsa('ml-dsa-65'),
  ML_DSA_87: mlDsa('ml-dsa-87'),
  HMAC_224: hmac(224),
  HMAC_256: hmac(256),
  HMAC_384: hmac(384),
  HMAC_512: hmac(512),
} as const satisfies Readonly<Record<string, Spec>>;

export type KeySpec = keyof typeof keySpecs;

export const isKeySpec = (name: string): name is KeySpec => Object.hasOwn(keySpecs, name);

export const specOf = (spec: KeySpec): Spec => keySpecs[spec];

export const algorithmsOf = (key: { spec: KeySpec; usage: KeyUsage }): readonly string[] =>
  specOf(key.spec).usages[key.usage] ?? [];

export const isSymmetric = (key: { spec: KeySpec }): boolean => key.spec === 'SYMMETRIC_DEFAULT';
