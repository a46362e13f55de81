/** Whether somebody may do what he asks for: his own policies and that of what he asks for, together. */
import type { ResourceSide } from '../identity/evaluate.ts';
import { judge, requireAllowed } from '../identity/judge.ts';
import type { ConditionContext } from '../identity/policy-document.ts';
import type { Principal } from '../identity/principal.ts';
import type { Standing } from '../identity/standing.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId } from '../util/ids.ts';
import type { Access } from './service.ts';

/** What a resource says itself; undefined: it is none of these, or says nothing. `context`: what is known of the request. */
export type SideOf = (principal: Principal, access: Access, context: ConditionContext) => ResourceSide | undefined;

export type AuthorizationParts = {
  /** Whose things nobody may have, whatever their policies say; absent: nobody's. */
  isSuspended?: (account: AccountId) => boolean;
  /** What somebody may do of himself. */
  standingOf: (principal: Principal) => Standing;
  /** Each service's resources that have policies of their own; the first that knows a resource speaks for it. */
  sides?: readonly SideOf[];
  /** Told of all that somebody was allowed together; absent: nobody is. */
  used?: (principal: Principal, accesses: readonly Access[]) => void;
};

/** `conditions`: what is known of the request. Throws `permission_denied` for the first access that he may not have. */
export type Authorization = (principal: Principal, accesses: readonly Access[], conditions: ConditionContext) => void;

export const createAuthorization =
  ({ standingOf, sides = [], used, isSuspended }: AuthorizationParts): Authorization =>
  (principal, accesses, conditions) => {
    if (accesses.length === 0) return;
    const standing = standingOf(principal);
    for (const access of accesses) {
      const side = sideOf(sides, standing.asker.principal, access, conditions);
      requireAllowed(judge(standing, access, conditions, side), standing, access);
      requireOpen(side?.account, access);
    }
    used?.(principal, accesses);

    function requireOpen(owner: string | undefined, { action, resource }: Access): void {
      if (owner === undefined || isSuspended?.(owner as AccountId) !== true) return;
      throw new PlatformError(
        'permission_denied',
        `${action} on resource: "${resource}" is refused: the account that it belongs to is suspended`,
        { reason: 'AccessDenied' },
      );
    }
  };

/** Of the first that knows the resource. */
export function sideOf(
  sides: readonly SideOf[],
  principal: Principal,
  access: Access,
  known: ConditionContext,
): ResourceSide | undefined {
  const context = access.conditions === undefined ? known : { ...known, ...access.conditions };
  for (const side of sides) {
    const found = side(principal, access, context);
    if (found !== undefined) return found;
  }
  return undefined;
}
