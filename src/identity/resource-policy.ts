/**
 * What a function's resource policy lets somebody do, besides what that one's own permissions allow. Its statements only
 * allow, as AddPermission's do; what none of them allows is not allowed. Pure.
 * https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
import type { FunctionUrl, ResourceStatement } from '../registry/function.ts';
import type { Principal } from './principal.ts';
import { matchesWildcard } from './wildcard.ts';

/** Who asks: somebody with or without credentials, or a service on behalf of a resource. */
export type Asker =
  | { kind: 'principal'; principal: Principal }
  | { kind: 'service'; service: string; sourceArn?: string; sourceAccount?: string };

export type ResourceRequest = {
  action: string;
  asker: Asker;
  /** Present for requests that came to a function URL: its kind of authorisation. */
  viaUrl?: FunctionUrl['auth'];
  eventSourceToken?: string;
};

export function resourcePolicyAllows(statements: readonly ResourceStatement[], request: ResourceRequest): boolean {
  return statements.some((statement) => applies(statement, request));
}

function applies(statement: ResourceStatement, { action, asker, viaUrl, eventSourceToken }: ResourceRequest): boolean {
  return (
    matchesWildcard(statement.action.toLowerCase(), action.toLowerCase()) &&
    namesAsker(statement.principal, asker) &&
    (statement.functionUrlAuth === undefined || statement.functionUrlAuth === viaUrl) &&
    (statement.viaUrl === undefined || statement.viaUrl === (viaUrl !== undefined)) &&
    (statement.eventSourceToken === undefined || statement.eventSourceToken === eventSourceToken) &&
    // Nobody here belongs to an organisation.
    statement.principalOrgId === undefined &&
    comesFrom(statement, asker)
  );
}

/**
 * An account's number, or the ARN of its root, means its administrator. It does not mean the functions of the account:
 * what those may is for their own permissions to say.
 */
function namesAsker(named: string, asker: Asker): boolean {
  if (named === '*') return true;
  if (asker.kind === 'service') return named === asker.service;
  const { principal } = asker;
  if (principal.kind === 'anonymous') return false;
  if (principal.kind === 'function') return named === principal.arn || named === roleOf(principal);
  if (principal.kind === 'role') return named === principal.arn || named === principal.roleArn;
  if (principal.kind !== 'administrator') return named === principal.arn;
  return named === principal.arn || named === principal.account || named === accountRoot(principal.account);
}

/** A function's credentials are a session of the role with its name. */
const roleOf = ({ account, functionName }: Extract<Principal, { kind: 'function' }>): string =>
  `arn:aws:iam::${account}:role/${functionName}`;

export const accountRoot = (account: string): string => `arn:aws:iam::${account}:root`;

function comesFrom({ sourceArn, sourceAccount }: ResourceStatement, asker: Asker): boolean {
  if (sourceArn === undefined && sourceAccount === undefined) return true;
  if (asker.kind !== 'service') return false;
  return (
    (sourceArn === undefined || (asker.sourceArn !== undefined && matchesArn(sourceArn, asker.sourceArn))) &&
    (sourceAccount === undefined || asker.sourceAccount === sourceAccount)
  );
}

/** `ArnLike`: each of the six parts by itself, so that a `*` does not reach over a colon. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN */
function matchesArn(pattern: string, arn: string): boolean {
  const [patterns, parts] = [arnParts(pattern), arnParts(arn)];
  return patterns.length === parts.length && patterns.every((part, index) => matchesWildcard(part, parts[index] ?? ''));
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}
