import type { Access } from './service.ts';

/**
 * Whoever gives a service a role has it do what the role may: he needs permission for that, besides the operation's own.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
export const passRole = (...roles: readonly (string | undefined)[]): Access[] =>
  [...new Set(roles)].flatMap((resource) => (resource ? [{ action: 'iam:PassRole', resource }] : []));
