/** Whether somebody may have what he asks for, and the words in which he is refused. */
import { PlatformError } from '../util/errors.ts';
import { askerKeys } from './asker-keys.ts';
import type { ConditionContext } from './condition-keys.ts';
import { evaluate, type EvaluationRequest, type PolicySource, type ResourceSide, type Verdict } from './evaluate.ts';
import type { Standing } from './standing.ts';

export type RequiredAccess = {
  action: string;
  /** An ARN, or `*`. */
  resource: string;
  /** What is known of this one, besides what is of the request. */
  conditions?: ConditionContext;
};

/** `known`: of the request. */
export function judge(
  standing: Standing,
  access: RequiredAccess,
  known: ConditionContext,
  side: ResourceSide = {},
): Verdict {
  const account = side.account ?? accountOf(access.resource);
  return evaluate(requestOf(standing, access, known, side), standing.policies, { ...side, account });
}

/** All that is known of it, as policies are asked. */
export function requestOf(
  { asker, keys }: Standing,
  { action, resource, conditions }: RequiredAccess,
  known: ConditionContext,
  side: ResourceSide,
): EvaluationRequest {
  const read = askerKeys(asker, keys);
  const account = side.account ?? accountOf(resource);
  return {
    action,
    resource,
    asker,
    keys: (name) => {
      if (name === 'aws:resourceaccount') return account ?? asker.principal.account;
      return conditions?.[name] ?? side.keys?.(name) ?? known[name] ?? read(name);
    },
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
const names: Readonly<Record<PolicySource, string>> = {
  identity: 'identity-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  organisation: 'service control policy',
  resource: 'resource-based policy',
};

/** Errors: `permission_denied`, reason AccessDenied, for what is not allowed. */
export function requireAllowed(verdict: Verdict, { asker }: Standing, { action, resource }: RequiredAccess): void {
  if (verdict.decision === 'allowed') return;
  const { principal } = asker;
  const who = principal.kind === 'anonymous' ? 'Anonymous' : `User: ${principal.arn}`;
  const why =
    verdict.decision === 'denied'
      ? `with an explicit deny in ${verdict.by === 'identity' ? 'an' : 'a'} ${names[verdict.by]}`
      : `because no ${names[verdict.lacking]} allows the ${action} action`;
  throw new PlatformError(
    'permission_denied',
    `${who} is not authorized to perform: ${action} on resource: "${resource}" ${why}`,
    { reason: 'AccessDenied' },
  );
}

/** Of what has one in its name. */
const accountOf = (arn: string): string | undefined => /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn)?.[1];
