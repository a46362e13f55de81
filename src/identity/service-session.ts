/** Services with roles that they were given. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html#iam-term-service-role */
import type { Identities } from '../resources/iam/identities.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId } from '../util/ids.ts';
import type { Principal } from './principal.ts';
import { createPolicyCache, trustsService } from './standing.ts';

export type ServiceSession = {
  account: AccountId;
  roleArn: string;
  /** `scheduler.amazonaws.com`. */
  service: string;
  /** What it acts for. */
  sourceArn: string;
  sessionName: string;
};

/** Who a service is with a role: one of the account, that lets it. Throws `permission_denied`. */
export type AssumeForService = (session: ServiceSession) => Principal;

export function createAssumeForService(identities: Pick<Identities, 'roleByArn'>, clock: Clock): AssumeForService {
  const read = createPolicyCache();
  return ({ account, roleArn, service, sourceArn, sessionName }) => {
    const role = identities.roleByArn(roleArn);
    if (role?.account !== account) throw refused(`there is no role ${roleArn} in the account ${account}`);
    if (!trustsService(read(role.trust, 'trust'), service, sourceArn, clock.now()))
      throw refused(`the role ${roleArn} does not let ${service} assume it for ${sourceArn}`);
    return {
      kind: 'role',
      account,
      arn: `arn:aws:sts::${account}:assumed-role/${role.name}/${sessionName}`,
      accessKeyId: '',
      roleArn,
      roleName: role.name,
      roleId: role.id,
      sessionName,
      session: { issuedMs: clock.now(), policies: [], policyArns: [], tags: {}, transitiveTagKeys: [] },
    };
  };
}

const refused = (message: string): PlatformError =>
  new PlatformError('permission_denied', message, { reason: 'AccessDenied' });
