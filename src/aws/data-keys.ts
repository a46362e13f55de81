/** Data keys for messages as somebody has them of KMS, with what the service of those messages calls what is wrong. */
import type { DataKeys, KeptFor } from '../resources/data-keys.ts';
import type { VaultContext } from '../resources/vault.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId } from '../util/ids.ts';
import type { KeyCaller, KeyUse } from './key-use.ts';

export type DataKeysParts = {
  keyUse: KeyUse;
  /** What a data key is made for. */
  contextOf: (of: KeptFor) => VaultContext;
  /** Of what KMS says (`DisabledException`). */
  reasonOf: (reason: KmsReason) => string;
};

export type KmsReason =
  | 'AccessDeniedException'
  | 'DisabledException'
  | 'InvalidKeyUsageException'
  | 'InvalidStateException'
  | 'NotFoundException';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html */
const actions = { send: ['GenerateDataKey', 'Decrypt'], receive: ['Decrypt'] } as const;

/** `callerFor`: with the account whose names of keys count. */
export function createDataKeys(parts: DataKeysParts, callerFor: (account: AccountId) => KeyCaller): DataKeys {
  const { keyUse, contextOf } = parts;
  return {
    require: (keyId, of, to) =>
      translated(parts, () => keyUse.require(callerFor(of.account), { keyId, context: contextOf(of) }, actions[to])),
    make: (keyId, of) =>
      translated(parts, async () => {
        const context = contextOf(of);
        const { plain, ciphertext } = await keyUse.dataKey(callerFor(of.account), { keyId, context });
        return { plain, sealed: ciphertext.toString('base64'), context };
      }),
    open: (sealed, context) =>
      translated(parts, async () => {
        // A ciphertext names its key itself.
        const caller = callerFor('' as AccountId);
        return (await keyUse.decrypt(caller, context, Buffer.from(sealed, 'base64'))).plain;
      }),
  };
}

const reasons: Readonly<Record<string, KmsReason>> = {
  DisabledException: 'DisabledException',
  KMSInvalidStateException: 'InvalidStateException',
  NotFoundException: 'NotFoundException',
  // Of a ciphertext: its key is gone.
  InvalidCiphertextException: 'NotFoundException',
};

async function translated<Result>({ reasonOf }: DataKeysParts, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PlatformError) || error.fault === 'platform') throw error;
    const { code, message, reason = '' } = error;
    const named = code === 'permission_denied' ? 'AccessDeniedException' : reasons[reason];
    const said = message === '' ? 'The key that it is encrypted with is not there any more.' : message;
    throw new PlatformError(code, said, { reason: reasonOf(named ?? 'InvalidKeyUsageException'), cause: error });
  }
}
