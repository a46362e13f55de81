/**
 * What a principal may do. A denying statement wins over an allowing one, and what no statement allows is denied.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { PolicyStatement } from '../registry/function.ts';
import { PlatformError } from '../util/errors.ts';
import type { Principal } from './principal.ts';
import { matchesWildcard } from './wildcard.ts';

export type Decision = 'allowed' | 'denied' | 'not_allowed';

/** `resource`: an ARN. Actions are compared without regard to case, resources with it. */
export function evaluate(statements: readonly PolicyStatement[], action: string, resource: string): Decision {
  let decision: Decision = 'not_allowed';
  for (const statement of statements) {
    const applies =
      statement.actions.some((pattern) => matchesWildcard(pattern.toLowerCase(), action.toLowerCase())) &&
      statement.resources.some((pattern) => matchesWildcard(pattern, resource));
    if (!applies) continue;
    if (statement.effect === 'deny') return 'denied';
    decision = 'allowed';
  }
  return decision;
}

export type RequiredAccess = { action: string; resource: string };

/**
 * `grantsAccess`: whether the resource itself lets the principal, which is as good as a permission of its own.
 * Errors: `permission_denied`, reason AccessDenied, for the first access that is not allowed.
 */
export function authorize(
  principal: Principal,
  accesses: readonly RequiredAccess[],
  policyOf: (principal: Principal) => readonly PolicyStatement[],
  grantsAccess: (principal: Principal, access: RequiredAccess) => boolean = () => false,
): void {
  if (principal.kind === 'administrator') return;
  const statements = principal.kind === 'function' ? policyOf(principal) : [];
  for (const { action, resource } of accesses) {
    const decision = evaluate(statements, action, resource);
    if (decision === 'allowed') continue;
    if (decision === 'not_allowed' && grantsAccess(principal, { action, resource })) continue;
    const who = principal.kind === 'anonymous' ? 'Anonymous' : `User: ${principal.arn}`;
    const why =
      decision === 'denied'
        ? 'with an explicit deny in an identity-based policy'
        : `because no identity-based policy allows the ${action} action`;
    throw new PlatformError(
      'permission_denied',
      `${who} is not authorized to perform: ${action} on resource: "${resource}" ${why}`,
      { reason: 'AccessDenied' },
    );
  }
}
