/**
 * What follows from all the policies that bear on a request. Pure.
 *
 * A denial in any of them wins. Otherwise the account's limits must allow it, at every level, and so must
 * - within one account: the policies of who asks, within his boundary and those of his session; or the resource's policy.
 *   That alone is enough where it means the user or the session itself, or everybody; where it means a role, or everybody
 *   and a session of a role asks, boundary and session still bound it; where it means the account, it lets the account's
 *   own policies decide, as they do anyway except for keys and roles, which nobody may use whom their policy leaves out.
 * - from another account: both.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { ConditionKeys } from './condition-keys.ts';
import { reachIn, type PolicyDocument, type StatementRequest } from './policy-document.ts';
import type { Asker, Reach } from './principal-element.ts';

/** The policies of whoever asks. */
export type Policies = {
  /** What he may: his own, his groups', his role's. */
  identity: readonly PolicyDocument[];
  /** What that is bounded by; undefined: nothing. */
  boundary?: PolicyDocument | undefined;
  /** What his session is bounded by; undefined: nothing. */
  session?: readonly PolicyDocument[] | undefined;
  /** What his account is bounded by: at each level, one of them must allow. */
  organisation?: readonly (readonly PolicyDocument[])[];
};

/** The resource, and what it says itself. */
export type ResourceSide = {
  /** The account that it belongs to; undefined: that of who asks. */
  account?: string | undefined;
  document?: PolicyDocument | undefined;
  /** Nobody may whom the document leaves out, whatever his own policies say: keys, and who assumes roles. */
  isRequired?: boolean;
  /** Something else than the document lets who asks: a grant of a key. */
  isGranted?: boolean;
  /** Actions, in lower case, that the document cannot take from its account itself: else a mistake could not be undone. */
  keptByAccount?: ReadonlySet<string>;
  /** What conditions may ask of it. */
  keys?: ConditionKeys;
};

export type EvaluationRequest = {
  action: string;
  resource: string;
  asker: Asker;
  /** All that is known of the request, who asks included. */
  keys: ConditionKeys;
};

export type PolicySource = 'identity' | 'boundary' | 'session' | 'organisation' | 'resource';

export type Verdict =
  | { decision: 'allowed' }
  /** By a statement of this kind of policy. */
  | { decision: 'denied'; by: PolicySource }
  /** No policy of this kind allows it. */
  | { decision: 'not_allowed'; lacking: PolicySource };

export const noPolicies: Policies = { identity: [] };

const allowed: Verdict = { decision: 'allowed' };

export function evaluate(
  { action, resource, asker, keys }: EvaluationRequest,
  policies: Policies,
  side: ResourceSide = {},
): Verdict {
  const request: StatementRequest = { action: action.toLowerCase(), resource, asker, keys };
  const own = say(policies.identity, request);
  const boundary = policies.boundary === undefined ? undefined : say([policies.boundary], request);
  const session = policies.session === undefined ? undefined : say(policies.session, request);
  const levels = (policies.organisation ?? []).map((level) => say(level, request));
  const theirs = saidByResource(side, request);

  if (own === 'denied') return { decision: 'denied', by: 'identity' };
  if (theirs === 'denied') return { decision: 'denied', by: 'resource' };
  if (boundary === 'denied') return { decision: 'denied', by: 'boundary' };
  if (session === 'denied') return { decision: 'denied', by: 'session' };
  if (levels.includes('denied')) return { decision: 'denied', by: 'organisation' };

  if (levels.includes(undefined)) return { decision: 'not_allowed', lacking: 'organisation' };
  const bound: PolicySource | undefined =
    policies.boundary !== undefined && boundary === undefined
      ? 'boundary'
      : policies.session !== undefined && session === undefined
        ? 'session'
        : undefined;
  // Whether a grant reaches past a boundary or a session's policy, no page of the vendor's says: here it does not.
  if (side.isGranted === true && bound === undefined) return allowed;

  const isWithin = asker.kind === 'principal' && (side.account ?? asker.principal.account) === asker.principal.account;
  if (!isWithin || asker.principal.kind === 'anonymous') {
    const isSomebody = asker.kind === 'principal' && asker.principal.kind !== 'anonymous';
    if (isSomebody && own === undefined) return { decision: 'not_allowed', lacking: 'identity' };
    if (isSomebody && bound !== undefined) return { decision: 'not_allowed', lacking: bound };
    return theirs === undefined ? { decision: 'not_allowed', lacking: 'resource' } : allowed;
  }
  if (theirs === 'self') return allowed;
  if (theirs === 'everyone' && !isRoleSession(asker)) return allowed;
  if (theirs === undefined && side.isRequired === true) return { decision: 'not_allowed', lacking: 'resource' };
  const isGiven = own !== undefined || theirs === 'role' || theirs === 'everyone';
  if (!isGiven) return { decision: 'not_allowed', lacking: 'identity' };
  return bound === undefined ? allowed : { decision: 'not_allowed', lacking: bound };
}

function saidByResource(
  { account, document, keptByAccount }: ResourceSide,
  request: StatementRequest,
): Reach | 'denied' | undefined {
  if (document === undefined) return undefined;
  const { asker } = request;
  const isOwner =
    asker.kind === 'principal' &&
    asker.principal.kind === 'administrator' &&
    (account ?? asker.principal.account) === asker.principal.account;
  if (isOwner && keptByAccount?.has(request.action) === true) return 'self';
  return say([document], request);
}

const isRoleSession = ({ principal }: Extract<Asker, { kind: 'principal' }>): boolean =>
  principal.kind === 'role' || principal.kind === 'function';

const closeness: Readonly<Record<Reach, number>> = { self: 3, everyone: 2, role: 1, account: 0 };

/** How closely a statement allows it, the closest of all; undefined: none does. */
function say(documents: readonly PolicyDocument[], request: StatementRequest): Reach | 'denied' | undefined {
  let found: Reach | undefined;
  for (const { statements } of documents) {
    for (const statement of statements) {
      if (found === 'self' && statement.effect === 'allow') continue;
      const reach = reachIn(statement, request);
      if (reach === undefined) continue;
      if (statement.effect === 'deny') return 'denied';
      if (found === undefined || closeness[reach] > closeness[found]) found = reach;
    }
  }
  return found;
}
