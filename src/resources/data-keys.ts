/** Keys that bodies of messages are encrypted with, of a key service that is asked on behalf of one caller, whom it may refuse. */
import { PlatformError } from '../util/errors.ts';
import type { AccountId } from '../util/ids.ts';
import type { VaultContext } from './vault.ts';

/** The queue or topic that the messages are of: its account is whose names of keys count. */
export type KeptFor = { account: AccountId; name: string };

export type DataKey = {
  /** 32 bytes. */
  plain: Buffer;
  /** The same, as the key service encrypted it. */
  sealed: string;
  /** What it was encrypted for: opened again for nothing else. */
  context: VaultContext;
};

/** Errors of all three: what is wrong with the key, and `permission_denied` for who may not. */
export interface DataKeys {
  /** `send`: make data keys and open them; `receive`: open them. Answers which key that is now. */
  require(keyId: string, of: KeptFor, to: 'send' | 'receive'): Promise<string>;
  make(keyId: string, of: KeptFor): Promise<DataKey>;
  open(sealed: string, context: VaultContext): Promise<Buffer>;
}

const refuse = (): Promise<never> =>
  Promise.reject(
    new PlatformError('permission_denied', 'The messages are encrypted with a key that nobody here may use.', {
      reason: 'AccessDeniedException',
    }),
  );

/** Of who has none. */
export const noKeys: DataKeys = { require: refuse, make: refuse, open: refuse };
