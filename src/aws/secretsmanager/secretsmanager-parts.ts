import type { FunctionPermission } from '../../events/function-permission.ts';
import type { Secrets } from '../../resources/secret/secrets.ts';
import type { Vault } from '../../resources/vault.ts';
import type { Ids } from '../../util/ids.ts';
import type { Authorization } from '../authorization.ts';
import type { AwsContext } from '../service.ts';

/** What the operations work with. */
export type SecretsManagerParts = {
  secrets: Secrets;
  /** What values are encrypted in, for who asks. */
  vaultFor: (context: AwsContext) => Vault;
  /** For each secret of a batch. */
  authorization: Authorization;
  /** Whether a function may be called for rotations. */
  mayInvoke: FunctionPermission;
  ids: Ids;
};

/** As Lambda functions name it in their policies. */
export const secretsManagerService = 'secretsmanager.amazonaws.com';
