/**
 * What a principal may do. A denying statement wins over an allowing one, and what no statement allows is denied.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { PolicyStatement } from '../registry/function.ts';
import { PlatformError } from '../util/errors.ts';
import type { Principal } from './principal.ts';
import { matchesPattern, readPattern } from './pattern.ts';
import type { Decision } from './policy-document.ts';

/** `resource`: an ARN. Actions are compared without regard to case, resources with it. */
export function evaluate(statements: readonly PolicyStatement[], action: string, resource: string): Decision {
  let decision: Decision = 'not_allowed';
  for (const statement of statements) {
    const applies =
      statement.actions.some((pattern) => matches(pattern, action, true)) &&
      statement.resources.some((pattern) => matches(pattern, resource, false));
    if (!applies) continue;
    if (statement.effect === 'deny') return 'denied';
    decision = 'allowed';
  }
  return decision;
}

const matches = (pattern: string, text: string, folds: boolean): boolean =>
  matchesPattern(
    readPattern(pattern, { hasWildcards: true, hasVariables: false, folds }),
    folds ? text.toLowerCase() : text,
    () => undefined,
  );

export type RequiredAccess = { action: string; resource: string };

/** What the resource's own policy says of the principal. */
export type ResourceWord = {
  /** As good as a permission of its own. */
  grants(principal: Principal, access: RequiredAccess): boolean;
  /** Whatever else lets it. */
  forbids(principal: Principal, access: RequiredAccess): boolean;
};

const nothing: ResourceWord = { grants: () => false, forbids: () => false };

/**
 * Errors: `permission_denied`, reason AccessDenied, for the first access that is not allowed.
 */
export function authorize(
  principal: Principal,
  accesses: readonly RequiredAccess[],
  policyOf: (principal: Principal) => readonly PolicyStatement[],
  resource: ResourceWord = nothing,
): void {
  const statements = principal.kind === 'function' ? policyOf(principal) : [];
  for (const access of accesses) {
    if (resource.forbids(principal, access))
      throw denied(principal, access, 'with an explicit deny in a resource-based policy');
    if (principal.kind === 'administrator') continue;
    const decision = evaluate(statements, access.action, access.resource);
    if (decision === 'allowed') continue;
    if (decision === 'denied') throw denied(principal, access, 'with an explicit deny in an identity-based policy');
    if (!resource.grants(principal, access))
      throw denied(principal, access, `because no identity-based policy allows the ${access.action} action`);
  }
}

function denied(principal: Principal, { action, resource }: RequiredAccess, why: string): PlatformError {
  const who = principal.kind === 'anonymous' ? 'Anonymous' : `User: ${principal.arn}`;
  return new PlatformError(
    'permission_denied',
    `${who} is not authorized to perform: ${action} on resource: "${resource}" ${why}`,
    { reason: 'AccessDenied' },
  );
}
