/** Who somebody is, in the unique ids of IAM. */
import { generatedRoleId } from '../../identity/generated-role.ts';
import type { Principal } from '../../identity/principal.ts';
import { never } from '../../util/assert.ts';
import type { StsParts } from './sts-parts.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable */
export function callerId({ identities }: Pick<StsParts, 'identities'>, principal: Principal): string {
  switch (principal.kind) {
    case 'administrator':
    case 'anonymous':
      return principal.account;
    case 'user':
      return principal.userId;
    case 'role':
      return `${principal.roleId}:${principal.sessionName}`;
    case 'federated':
      return `${principal.account}:${principal.name}`;
    case 'function': {
      const [, roleName = '', session = ''] = /:assumed-role\/([^/]+)\/(.+)$/.exec(principal.arn) ?? [];
      const isOwn = roleName === principal.functionName;
      const role = isOwn ? undefined : identities.role(principal.account, roleName);
      return `${role?.id ?? generatedRoleId(principal.functionArn)}:${session}`;
    }
    default:
      return never(principal);
  }
}
