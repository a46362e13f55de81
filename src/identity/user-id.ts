/**
 * Who somebody is in the unique ids of IAM: `aws:userid`, GetCallerIdentity's UserId, and the caller in what functions and
 * events are told. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
 */
import { never } from '../util/assert.ts';
import { generatedRoleId } from './generated-role.ts';
import type { Principal } from './principal.ts';

export function userIdOf(principal: Exclude<Principal, { kind: 'anonymous' }>): string {
  switch (principal.kind) {
    case 'administrator':
      return principal.account;
    case 'user':
      return principal.userId;
    case 'role':
      return `${principal.roleId}:${principal.sessionName}`;
    case 'federated':
      return `${principal.account}:${principal.name}`;
    case 'function': {
      const sessionName = principal.arn.slice(principal.arn.lastIndexOf('/') + 1);
      return `${principal.roleId ?? generatedRoleId(principal.functionArn)}:${sessionName}`;
    }
    default:
      return never(principal);
  }
}
