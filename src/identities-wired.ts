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
  type FunctionGrants,
  type Standing,
  type StandingParts,
} from './identity/standing.ts';
import { functionBearer, type Principal } from './identity/principal.ts';
import { createAssumeForService, type AssumeForService } from './identity/service-session.ts';
import type { Registry } from './registry/registry.ts';
import type { Accounts } from './resources/accounts.ts';
import type { Identities } from './resources/iam/identities.ts';
import type { Clock } from './util/clock.ts';
import {
  functionArn,
  latestVersion,
  type AccountId,
  type EnvironmentId,
  type Ids,
  type RequestId,
} from './util/ids.ts';
import type { Sealer } from './util/sealer.ts';

export type IdentitiesParts = {
  region: string;
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
  assume: AssumeForService;
  /**
   * Who a function is when Lambda acts for it, without an environment: a session of its role, or the function with what its
   * deployment gave it. Undefined: there is no such function. Throws `permission_denied` where its role is not Lambda's to have.
   */
  functionPrincipal: (account: AccountId, name: string, qualifier: string | undefined) => Principal | undefined;
  /** Whether IAM has the role, and the role does not let Lambda have it. */
  isRefusedByRole: (roleArn: string) => boolean;
};

export function wireIdentities(parts: IdentitiesParts): WiredIdentities {
  const { region, accounts, identities, registry, sides, ids } = parts;
  // Known by themselves: no credentials say that somebody is one of these.
  const acting = new WeakMap<Principal, FunctionGrants>();
  const grantsOf: StandingParts['grantsOf'] = (principal) => acting.get(principal) ?? parts.grantsOf(principal);
  const assume = createAssumeForService(identities, parts.clock);
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
      assume,
      standingOf,
      sideOf: (principal, access) => sideOf(sides(), principal, access, {}),
    }),
    assume,
    functionPrincipal(account, name, qualifier = latestVersion) {
      const settings = registry.resolve(account, name, qualifier, ids.uuid() as RequestId)?.version.settings;
      if (settings === undefined) return undefined;
      const sourceArn = functionArn(region, account, name);
      const { role } = settings;
      if (role !== undefined && identities.roleByArn(role) !== undefined)
        return assume({ account, roleArn: role, service: lambdaService, sourceArn, sessionName: name });
      const environmentId = 'platform' as EnvironmentId;
      const bearer = functionBearer({ account, functionArn: sourceArn, functionName: name, environmentId });
      const principal: Principal = { ...bearer, accessKeyId: '' };
      acting.set(principal, settings);
      return principal;
    },
    isRefusedByRole(roleArn) {
      const role = identities.roleByArn(roleArn);
      return role !== undefined && !trustsService(read(role.trust, 'trust'), lambdaService, '', parts.clock.now());
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
