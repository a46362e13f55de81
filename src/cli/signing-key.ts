/** The key that `deploy --sign` or `sign --key` names. It is read, used, and never sent. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { signerKind } from '../resources/bundle-signers.ts';
import { PlatformError } from '../util/errors.ts';

/** Errors: `invalid_argument`, without a word of what is in the file. */
export function readSigningKey(file: string, workingFolder: string, option: '--sign' | '--key'): KeyObject {
  const accepted = 'a private key in PEM of Ed25519, P-256 or P-384 is accepted';
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(resolve(workingFolder, file)));
  } catch (error) {
    throw new PlatformError('invalid_argument', `${option} ${file} cannot be read as a key; ${accepted}`, {
      cause: error,
    });
  }
  if (signerKind(key) !== undefined) return key;
  throw new PlatformError(
    'invalid_argument',
    `${option} ${file} is a key of the kind ${key.asymmetricKeyType}; ${accepted}`,
  );
}
