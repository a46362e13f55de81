/** Who somebody is, in the unique ids of IAM. */
import { generatedRoleId } from '../../identity/generated-role.ts';
import type { Standing } from '../../identity/standing.ts';
import { never } from '../../util/assert.ts';
import type { StsParts } from './sts-parts.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable */
export function callerId(
  { identities }: Pick<StsParts, 'identities'>,
  { principal, roleArn }: Standing['asker'],
): string {
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
      const role = roleArn === undefined ? undefined : identities.roleByArn(roleArn);
      const sessionName = principal.arn.slice(principal.arn.lastIndexOf('/') + 1);
      return `${role?.id ?? generatedRoleId(principal.functionArn)}:${sessionName}`;
    }
    default:
      return never(principal);
  }
}
