/**
 * Whose signature an account asks of the code that its functions get: public keys, any one of which will do. An account
 * without any asks for none. Keys are read from memory; a change is on disk before it counts.
 */
import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';
import { scan, type Records } from '../store/records.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, BundleHash } from '../util/ids.ts';

export type Signer = {
  /** The first half of the key's SHA-256, in hex. */
  id: string;
  kind: 'Ed25519' | 'ECDSA P-256' | 'ECDSA P-384';
  /** PEM. */
  publicKey: string;
};

const prefix = 'bundle-signers/';
/** Teams, and the key that follows the present one. */
const signersMax = 20;
const pemCharactersMax = 2_000;
const signatureCharactersMax = 400;

export class BundleSigners {
  readonly #records: Records;
  readonly #signers = new Map<AccountId, readonly Signer[]>();

  private constructor(records: Records) {
    this.#records = records;
  }

  static async open({ records }: { records: Records }): Promise<BundleSigners> {
    const opened = new BundleSigners(records);
    for await (const { key, value } of scan(records, prefix))
      opened.#signers.set(key.slice(prefix.length) as AccountId, value as readonly Signer[]);
    return opened;
  }

  list(account: AccountId): readonly Signer[] {
    return this.#signers.get(account) ?? [];
  }

  /** In the place of those before; none: code needs no signature. Errors: `invalid_argument`. */
  async put(account: AccountId, publicKeys: readonly string[]): Promise<readonly Signer[]> {
    if (publicKeys.length > signersMax)
      throw new PlatformError('invalid_argument', `${publicKeys.length} keys are given; accepted: ${signersMax}`, {
        field: 'publicKeys',
      });
    const signers = publicKeys.map(readSigner);
    const key = `${prefix}${account}`;
    await this.#records.transact([
      signers.length === 0 ? { kind: 'delete', key } : { kind: 'put', key, value: signers },
    ]);
    this.#signers.set(account, signers);
    return signers;
  }

  /** `has`: code that the function has already, which needs no signature again. Errors: `permission_denied`, by the function's name. */
  require(
    account: AccountId,
    functionName: string,
    bundles: readonly BundleHash[],
    { signature, has }: { signature: string | undefined; has: readonly BundleHash[] },
  ): void {
    const signers = this.list(account);
    if (signers.length === 0) return;
    for (const bundle of bundles) {
      if (has.includes(bundle)) continue;
      if (signature !== undefined && signers.some((signer) => isSigned(signer, bundle, signature))) continue;
      const ids = signers.map(({ id }) => id).join(', ');
      const why =
        signature === undefined ? 'has no signature' : 'has a signature that none of these keys made, or of other code';
      throw new PlatformError(
        'permission_denied',
        `the code of function '${functionName}' (${bundle}) ${why}; the account ${account} asks for one by ${ids}: mayfly deploy --sign KEY`,
        { field: `functions.${functionName}`, reason: 'CodeVerificationFailedException' },
      );
    }
  }
}

/** What is signed: no signature over anything else can be taken for one of code. */
const messageOf = (bundle: BundleHash): Buffer => Buffer.from(`mayfly bundle ${bundle}\n`);

/** Ed25519 has its own digest. */
const digestOf = ({ asymmetricKeyDetails }: KeyObject): string | null =>
  asymmetricKeyDetails?.namedCurve === undefined
    ? null
    : asymmetricKeyDetails.namedCurve === 'secp384r1'
      ? 'sha384'
      : 'sha256';

/** Base64. */
export const signBundle = (bundle: BundleHash, privateKey: KeyObject): string =>
  sign(digestOf(privateKey), messageOf(bundle), privateKey).toString('base64');

function isSigned({ publicKey }: Signer, bundle: BundleHash, signature: string): boolean {
  if (signature.length > signatureCharactersMax) return false;
  const key = createPublicKey(publicKey);
  return verify(digestOf(key), messageOf(bundle), key, Buffer.from(signature, 'base64'));
}

/** Undefined: it cannot be used for signatures here. */
export function signerKind({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Signer['kind'] | undefined {
  if (asymmetricKeyType === 'ed25519') return 'Ed25519';
  if (asymmetricKeyType !== 'ec') return undefined;
  const curve = asymmetricKeyDetails?.namedCurve;
  return curve === 'prime256v1' ? 'ECDSA P-256' : curve === 'secp384r1' ? 'ECDSA P-384' : undefined;
}

function readSigner(pem: string): Signer {
  const refuse = (why: string): never => {
    throw new PlatformError('invalid_argument', `a public key ${why}; accepted: PEM of Ed25519, P-256 or P-384`, {
      field: 'publicKeys',
    });
  };
  if (pem.length > pemCharactersMax || pem.includes('PRIVATE')) return refuse('is a private one, or no key at all');
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    return refuse('cannot be read');
  }
  const kind = signerKind(key) ?? refuse(`is of the kind ${key.asymmetricKeyType}`);
  const der = key.export({ type: 'spki', format: 'der' });
  return {
    id: hash('sha256', der).slice(0, 32),
    kind,
    publicKey: key.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
