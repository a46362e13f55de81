/**
 * How the bytes of an object are encrypted, and who has the key: this platform, a key service that is asked each time, or
 * the one alone who uploaded it. Each object (or upload in parts) has a data key of its own.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
 */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { PlatformError } from '../../util/errors.ts';
import type { DefaultEncryption } from '../bucket.ts';
import type { Core } from './core.ts';

export type KmsEncryption = {
  kind: 'kms';
  keyArn: string;
  /** What the key service made of the data key; base64. */
  sealedKey: string;
  context: Readonly<Record<string, string>>;
  usesBucketKey: boolean;
};

/** On record. Without the caller's key, nothing of a `customer` is any use. */
export type Encryption =
  | { kind: 'platform'; sealedKey: string }
  | KmsEncryption
  | { kind: 'customer'; keyMd5: string; salt: string; check: string };

/** What a writer gets. */
export type EncryptionWish =
  | { kind: 'platform' }
  | (KmsEncryption & { dataKey: Buffer })
  /** 32 bytes. */
  | { kind: 'customer'; key: Buffer };

/** What a writer asks for, who is told how the bucket encrypts. Undefined: nothing. */
export type EncryptionChoice = (ofBucket: DefaultEncryption | undefined) => Promise<EncryptionWish | undefined>;

const platformOnly: EncryptionChoice = (ofBucket) =>
  Promise.resolve(ofBucket === undefined ? undefined : { kind: 'platform' });

/** What a reader, or who adds a part, has to decrypt with. */
export type KeyBringer = {
  customerKey?: Buffer;
  openKms?: (encryption: KmsEncryption) => Promise<Buffer>;
};

const keyBytes = 32;
const saltBytes = 16;
const purpose = 'data key of an object';

function newEncryption(core: Core, wish: EncryptionWish): { encryption: Encryption; dataKey: Buffer } {
  switch (wish.kind) {
    case 'platform': {
      const dataKey = Buffer.from(core.ids.hex(keyBytes), 'hex');
      return {
        encryption: { kind: 'platform', sealedKey: sealerOf(core).seal(dataKey.toString('hex'), purpose) },
        dataKey,
      };
    }
    case 'kms': {
      const { dataKey, ...encryption } = wish;
      return { encryption, dataKey };
    }
    case 'customer': {
      const salt = core.ids.hex(saltBytes);
      const dataKey = customerDataKey(wish.key, salt);
      const keyMd5 = createHash('md5').update(wish.key).digest('base64');
      return { encryption: { kind: 'customer', keyMd5, salt, check: checkOf(dataKey) }, dataKey };
    }
  }
}

/** What is written to a bucket is encrypted as its writer says, or with the platform's own key where the bucket encrypts. */
export async function encryptionFor(
  core: Core,
  ofBucket: DefaultEncryption | undefined,
  choose: EncryptionChoice = platformOnly,
): Promise<Sealing | undefined> {
  const wanted = await choose(ofBucket);
  if (wanted === undefined) return undefined;
  const { encryption, dataKey } = newEncryption(core, wanted);
  return { encryption, dataKey, isOpaque: isOpaque(encryption) };
}

type BlobSealing = { dataKey: Buffer; isOpaque: boolean };
export type Sealing = BlobSealing & { encryption: Encryption };

/** Of a part, as its upload was begun. */
export async function sealingOf(
  core: Core,
  encryption: Encryption | undefined,
  keys: KeyBringer,
): Promise<BlobSealing | undefined> {
  if (encryption === undefined) assertApplicable(encryption, keys);
  return encryption && { dataKey: await dataKeyOf(core, encryption, keys), isOpaque: isOpaque(encryption) };
}

/** Only where the platform has the key is the ETag the MD5 of the bytes. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html */
const isOpaque = ({ kind }: Encryption): boolean => kind !== 'platform';

/** Throws InvalidRequest and AccessDenied where the caller's key is missing or another. */
export async function dataKeyOf(core: Core, encryption: Encryption, bringer: KeyBringer): Promise<Buffer> {
  assertApplicable(encryption, bringer);
  switch (encryption.kind) {
    case 'platform':
      return Buffer.from(sealerOf(core).open(encryption.sealedKey, purpose), 'hex');
    case 'kms':
      if (bringer.openKms === undefined)
        throw new PlatformError('permission_denied', 'The object is encrypted with a key that nobody here may use.', {
          reason: 'AccessDenied',
        });
      return bringer.openKms(encryption);
    case 'customer':
      return customerKeyOf(encryption, bringer);
  }
}

/** Whoever looks at an object that is encrypted with a key of the caller's has to bring it, though nothing is decrypted. */
export function assertApplicable(encryption: Encryption | undefined, bringer: KeyBringer): void {
  if (encryption?.kind === 'customer') void customerKeyOf(encryption, bringer);
  else if (bringer.customerKey !== undefined)
    throw new PlatformError('invalid_argument', 'The encryption parameters are not applicable to this object.', {
      reason: 'InvalidRequest',
    });
}

function customerKeyOf(
  { salt, check }: Extract<Encryption, { kind: 'customer' }>,
  { customerKey }: KeyBringer,
): Buffer {
  if (customerKey === undefined)
    throw new PlatformError(
      'invalid_argument',
      'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
      { reason: 'InvalidRequest' },
    );
  const dataKey = customerDataKey(customerKey, salt);
  if (timingSafeEqual(Buffer.from(checkOf(dataKey)), Buffer.from(check))) return dataKey;
  throw new PlatformError('permission_denied', 'Access Denied', { reason: 'AccessDenied' });
}

const customerDataKey = (key: Buffer, salt: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, Buffer.from(salt, 'hex'), 'mayfly object', keyBytes));

/** Says whether it is the same key, and nothing of it. */
const checkOf = (dataKey: Buffer): string => createHmac('sha256', dataKey).update('mayfly object key').digest('hex');

function sealerOf({ sealer }: Core): NonNullable<Core['sealer']> {
  if (sealer === undefined) throw new PlatformError('not_implemented', 'nothing is sealed here');
  return sealer;
}
