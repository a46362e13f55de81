/** Who may use the admin API: whoever his policies let, and what is about the platform only from the operator's account. */
import { judge, requireAllowed } from '../identity/judge.ts';
import type { Principal } from '../identity/principal.ts';
import type { Standing } from '../identity/standing.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId } from '../util/ids.ts';

/** `address`: the caller's. Errors: `permission_denied`. */
export function requireAction(
  { action, isOperators }: { action: string; isOperators: boolean },
  standing: Standing,
  address: string,
  operator: AccountId,
): void {
  const { principal } = standing.asker;
  if (isOperators && principal.account !== operator) {
    throw new PlatformError(
      'permission_denied',
      `${principal.arn} may not do that: mayfly:${action} is about the platform, and for its operator's own account (${operator}) alone`,
    );
  }
  const access = { action: `mayfly:${action}`, resource: '*' };
  requireAllowed(judge(standing, access, { 'aws:sourceip': address }), standing, access);
}

/** Functions are refused, whatever their policies say: what a function could deploy, it could become. */
export function requireSomebody(principal: Principal): void {
  if (principal.kind === 'function') {
    const message = `function '${principal.functionName}' may not use the admin API, which is for people and their tools`;
    throw new PlatformError('permission_denied', message);
  }
  if (principal.kind === 'anonymous')
    throw new PlatformError('unauthenticated', 'the admin API needs a signature: see `mayfly env`');
}
