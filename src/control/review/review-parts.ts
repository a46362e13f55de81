/** What explanations of permissions, and findings about them, are made from. */
import type { ResourceSide } from '../../identity/evaluate.ts';
import type { Principal } from '../../identity/principal.ts';
import type { Standing } from '../../identity/standing.ts';
import type { FunctionRecord, FunctionVersion } from '../../registry/function.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Identities } from '../../resources/iam/identities.ts';
import type { UsedPermissions } from '../../resources/used-permissions.ts';
import type { Clock } from '../../util/clock.ts';
import type { AccountId } from '../../util/ids.ts';

export type ReviewParts = {
  identities: Pick<Identities, 'of' | 'role' | 'roleByArn' | 'policyByArn' | 'lastUse'>;
  registry: Pick<Registry, 'list' | 'get'>;
  used: Pick<UsedPermissions, 'list'>;
  /** What somebody may do of himself; of a function, as its live version is. */
  standingOf(principal: Principal): Standing;
  /** The version that routes and event sources call: after a rollback not the newest. */
  liveOf(record: FunctionRecord): FunctionVersion;
  /** What a resource says itself; undefined: it says nothing. */
  sideOf(principal: Principal, access: { action: string; resource: string }): ResourceSide | undefined;
  /** ARNs of what may have policies of its own. */
  resources(account: AccountId): Promise<readonly string[]>;
  clock: Clock;
};
