/** Where the values of secrets and parameters are encrypted before they are kept. Made for one caller, whom a key may refuse. */
import type { Sealer } from '../util/sealer.ts';

/** What a text belongs to, by names that a key's policy may ask for: it opens for nothing else. */
export type VaultContext = Readonly<Record<string, string>>;

export interface Vault {
  /** `keyId`: the id, alias or ARN of a key; absent: the service's own in the account. Errors: what is wrong with the key. */
  seal(text: string, use: { keyId?: string | undefined; context: VaultContext }): Promise<string>;
  open(sealed: string, context: VaultContext): Promise<string>;
}

/** Under the platform's master key alone. */
export const createSealerVault = (sealer: Sealer): Vault => ({
  seal: (text, { context }) => Promise.resolve(sealer.seal(text, JSON.stringify(context))),
  open: (sealed, context) => Promise.resolve(sealer.open(sealed, JSON.stringify(context))),
});
