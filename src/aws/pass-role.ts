import type { Access } from './service.ts';

/**
 * Whoever gives a service a role has it do what the role may: he needs permission for that, besides the operation's own.
 * `service`: the one that gets it, `lambda.amazonaws.com`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
export const passRole = (service: string, ...roles: readonly (string | undefined)[]): Access[] =>
  [...new Set(roles)].flatMap((resource) =>
    resource ? [{ action: 'iam:PassRole', resource, conditions: { 'iam:passedtoservice': service } }] : [],
  );
