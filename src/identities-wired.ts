/** What everybody may, and the service that says so, wired to the rest of the house. */
import { sideOf, type SideOf } from './aws/authorization.ts';
import { createIamService } from './aws/iam/iam.ts';
import type { AwsService } from './aws/service.ts';
import { createRoles, type Roles } from './events/role-permission.ts';
import { generatedRole } from './identity/generated-role.ts';
import { createAccountLimits } from './identity/account-limits.ts';
import {
  createPolicyCache,
  createStandings,
  lambdaService,
  trustsService,
  type Standing,
  type StandingParts,
} from './identity/standing.ts';
import type { Principal } from './identity/principal.ts';
import { createAssumeForService } from './identity/service-session.ts';
import type { Registry } from './registry/registry.ts';
import type { Accounts } from './resources/accounts.ts';
import type { Identities } from './resources/iam/identities.ts';
import type { Clock } from './util/clock.ts';
import type { Ids } from './util/ids.ts';
import type { Sealer } from './util/sealer.ts';

export type IdentitiesParts = {
  accounts: Accounts;
  identities: Identities;
  registry: Registry;
  grantsOf: StandingParts['grantsOf'];
  /** What resources say themselves of who may use them, once everything is wired. */
  sides: () => readonly SideOf[];
  sealer: Sealer;
  clock: Clock;
  ids: Ids;
};

export type WiredIdentities = {
  service: AwsService;
  standingOf: (principal: Principal) => Standing;
  /** What services may with roles that they were given. */
  roles: Roles;
  /** Whether IAM has the role, and the role does not let Lambda have it. */
  isRefusedByRole: (roleArn: string) => boolean;
};

export function wireIdentities(parts: IdentitiesParts): WiredIdentities {
  const { accounts, identities, registry, grantsOf, sides } = parts;
  const read = createPolicyCache();
  const standingOf = createStandings({
    identities,
    grantsOf,
    clock: parts.clock,
    limitsOf: createAccountLimits(accounts),
  });
  return {
    standingOf,
    roles: createRoles({
      identities,
      assume: createAssumeForService(identities, parts.clock),
      standingOf,
      sideOf: (principal, access) => sideOf(sides(), principal, access, {}),
    }),
    isRefusedByRole(roleArn) {
      const role = identities.roleByArn(roleArn);
      return role !== undefined && !trustsService(read(role.trust, 'trust'), lambdaService, '');
    },
    service: createIamService({
      ...parts,
      generatedRole(account, name) {
        const record = registry.get(account, name);
        return record && generatedRole(record);
      },
      generatedRoles: (account) => registry.list(account).flatMap((record) => generatedRole(record) ?? []),
    }),
  };
}
