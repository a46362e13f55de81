import type { Parameters } from '../../resources/parameter/parameters.ts';
import type { Secrets } from '../../resources/secret/secrets.ts';
import type { Vault } from '../../resources/vault.ts';
import type { Clock } from '../../util/clock.ts';
import type { AwsContext } from '../service.ts';

/** What the operations work with. */
export type SsmParts = {
  parameters: Parameters;
  /** Read by the names of parameters that stand for secrets. */
  secrets: Secrets;
  /** What SecureStrings are encrypted in, for who asks. */
  vaultFor: (context: AwsContext) => Vault;
  secretVaultFor: (context: AwsContext) => Vault;
  clock: Clock;
};
