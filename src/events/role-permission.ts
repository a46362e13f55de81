import { judge } from '../identity/judge.ts';
import type { Principal } from '../identity/principal.ts';
import type { AssumeForService } from '../identity/service-session.ts';
import type { Standing } from '../identity/standing.ts';
import type { Identities } from '../resources/iam/identities.ts';
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
};

const sessionName = 'mayfly';

export function createRoles({ identities, assume, standingOf }: RolesParts): Roles {
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
      const { decision } = judge(standingOf(principal), { action, resource }, {}, { account });
      return decision === 'allowed' ? undefined : `the role ${roleArn} does not allow ${action} on ${resource}`;
    },
    watch: (changed) => identities.watch(changed),
  };
}
