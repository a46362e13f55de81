import { judge } from '../identity/judge.ts';
import type { ResourceSide } from '../identity/evaluate.ts';
import type { Principal } from '../identity/principal.ts';
import type { AssumeForService } from '../identity/service-session.ts';
import type { Standing } from '../identity/standing.ts';
import type { Identities } from '../resources/iam/identities.ts';
import { never } from '../util/assert.ts';
import { PlatformError } from '../util/errors.ts';
import type { OnBehalf } from './function-permission.ts';

/** Something that a service would do with a role that it was given. */
export type RoleUse = { roleArn: string; behalf: OnBehalf; action: string; resource: string };

export type Roles = {
  /** Why it may not: there is no such role, it does not let the service have it, or does not allow this. Undefined: it may. */
  whyNot(use: RoleUse): string | undefined;
  /** Calls back when somebody may do more or less than before. */
  watch(changed: () => void): { stop(): void };
};

export type RolesParts = {
  identities: Pick<Identities, 'watch'>;
  assume: AssumeForService;
  standingOf: (principal: Principal) => Standing;
  /** What a resource says itself of somebody; undefined: nothing. */
  sideOf: (principal: Principal, access: { action: string; resource: string }) => ResourceSide | undefined;
};

const sessionName = 'mayfly';

export function createRoles({ identities, assume, standingOf, sideOf }: RolesParts): Roles {
  return {
    whyNot({ roleArn, behalf, action, resource }) {
      const { service, sourceArn, sourceAccount: account } = behalf;
      let principal: Principal;
      try {
        principal = assume({ account, roleArn, service, sourceArn, sessionName });
      } catch (error) {
        if (error instanceof PlatformError) return error.message;
        throw error;
      }
      const access = { action, resource };
      const verdict = judge(standingOf(principal), access, {}, sideOf(principal, access));
      switch (verdict.decision) {
        case 'allowed':
          return undefined;
        case 'denied':
          return `a policy denies the role ${roleArn} ${action} on ${resource}`;
        case 'not_allowed':
          return verdict.lacking === 'resource'
            ? `the policy of ${resource} does not let the role ${roleArn} in`
            : `the role ${roleArn} does not allow ${action} on ${resource}`;
        default:
          return never(verdict);
      }
    },
    watch: (changed) => identities.watch(changed),
  };
}
