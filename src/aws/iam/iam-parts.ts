import type { Role } from '../../resources/iam/iam-entities.ts';
import type { Identities } from '../../resources/iam/identities.ts';
import type { Clock } from '../../util/clock.ts';
import type { AccountId, Ids } from '../../util/ids.ts';
import type { Sealer } from '../../util/sealer.ts';

/** What IAM's operations work on. */
export type IamParts = {
  identities: Identities;
  /** Roles that functions have without anybody having made them: seen here, and changed in the manifest alone. */
  generatedRole: (account: AccountId, name: string) => Role | undefined;
  generatedRoles: (account: AccountId) => readonly Role[];
  /** Seals the secrets of keys. */
  sealer: Sealer;
  clock: Clock;
  ids: Ids;
};
