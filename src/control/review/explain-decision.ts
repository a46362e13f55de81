/** Why somebody may do something or not, statement by statement. Pure. */
import type { ConditionContext } from '../../identity/condition-keys.ts';
import type { PolicySource, ResourceSide, Verdict } from '../../identity/evaluate.ts';
import { judge, requestOf, requireAllowed, type RequiredAccess } from '../../identity/judge.ts';
import {
  includes,
  reachOfStatement,
  type PolicyDocument,
  type Statement,
  type StatementRequest,
} from '../../identity/policy-document.ts';
import type { Standing } from '../../identity/standing.ts';
import { PlatformError } from '../../util/errors.ts';
import type { NamedPolicy } from './holders.ts';

export type ExplainedStatement = {
  source: PolicySource;
  policy: string;
  /** Its Sid, or its number in the policy, from 1. */
  statement: string;
  effect: 'allow' | 'deny';
  /** It says something of this request. */
  applies: boolean;
  /** What of it is not this request's: `action`, `resource`, `principal`, `StringEquals aws:SourceIp`. */
  differs: readonly string[];
  /** As it is written; absent where it was never text. */
  text?: string;
};

export type ExplainedDecision = {
  principal: string;
  action: string;
  resource: string;
  decision: Verdict['decision'];
  /** In the words of a refusal; absent where it is allowed. */
  refusal?: string;
  statements: readonly ExplainedStatement[];
  /** Keys that conditions ask for and of which nothing was said. */
  unknownKeys: readonly string[];
};

type Source = { source: PolicySource; name: string; document: PolicyDocument; text?: string };

export type ExplainedRequest = {
  standing: Standing;
  /** Those of who asks, in the order that they count. */
  policies: readonly NamedPolicy[];
  boundary: NamedPolicy | undefined;
  access: RequiredAccess;
  known: ConditionContext;
  side: ResourceSide | undefined;
};

export function explainDecision(request: ExplainedRequest): ExplainedDecision {
  const { standing, policies, boundary, access, known, side = {} } = request;
  const verdict = judge(standing, access, known, side);
  const asked = requestOf(standing, access, known, side);
  const statementRequest: StatementRequest = { ...asked, action: asked.action.toLowerCase() };
  const sources: Source[] = [
    ...policies.map((policy) => ({ source: 'identity', ...policy }) as const),
    ...(boundary === undefined ? [] : [{ source: 'boundary', ...boundary } as const]),
    ...(standing.policies.organisation ?? []).flat().map((document, index) => {
      return { source: 'organisation', name: `limit ${index + 1} of the account`, document } as const;
    }),
    ...(side.document === undefined
      ? []
      : [{ source: 'resource', name: access.resource, document: side.document } as const]),
  ];
  const statements = sources.flatMap((source) =>
    source.document.statements.map((statement, index) => explained(source, statement, index, statementRequest)),
  );
  const refusal = refusalOf(verdict, standing, access);
  return {
    principal: standing.asker.principal.arn,
    action: access.action,
    resource: access.resource,
    decision: verdict.decision,
    ...(refusal !== undefined && { refusal }),
    // What bears on it first.
    statements: [...statements.filter(({ applies }) => applies), ...statements.filter(({ applies }) => !applies)],
    unknownKeys: unknownKeysOf(sources, statementRequest),
  };
}

function explained(
  { source, name, text }: Source,
  statement: Statement,
  index: number,
  request: StatementRequest,
): ExplainedStatement {
  const { action, resource, asker, keys } = request;
  const differs = [
    ...(includes(statement, statement.actions, action, keys) ? [] : ['action']),
    ...(statement.resources === undefined || includes(statement, statement.resources, resource, keys)
      ? []
      : ['resource']),
    ...(reachOfStatement(statement, asker) === undefined ? ['principal'] : []),
    ...statement.conditions.filter((one) => !one.holds(keys)).map(({ operator, key }) => `${operator} ${key}`),
  ];
  const { extent } = statement;
  return {
    source,
    policy: name,
    statement: statement.id ?? String(index + 1),
    effect: statement.effect,
    applies: differs.length === 0,
    differs,
    ...(text !== undefined && extent !== undefined && { text: text.slice(extent.start, extent.end) }),
  };
}

/** Of statements that would apply, but for their conditions. */
function unknownKeysOf(sources: readonly Source[], request: StatementRequest): string[] {
  const { action, keys } = request;
  const keysAsked = sources
    .flatMap(({ document }) => document.statements)
    .filter((statement) => includes(statement, statement.actions, action, keys))
    .flatMap(({ conditions }) => conditions.map(({ key }) => key));
  return [...new Set(keysAsked.filter((key) => keys(key.toLowerCase()) === undefined))];
}

function refusalOf(verdict: Verdict, standing: Standing, access: RequiredAccess): string | undefined {
  try {
    requireAllowed(verdict, standing, access);
    return undefined;
  } catch (error) {
    if (error instanceof PlatformError) return error.message;
    throw error;
  }
}
