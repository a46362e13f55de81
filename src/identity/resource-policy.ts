/**
 * A function's resource policy as a document like any other. Its statements only allow, as AddPermission's do; what none of
 * them allows is not allowed. Pure.
 * https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
import type { FunctionUrl, ResourceStatement } from '../registry/function.ts';
import { readCondition, type Condition } from './condition.ts';
import type { ConditionContext } from './condition-keys.ts';
import { readPattern } from './pattern.ts';
import { decide, type PolicyDocument, type Statement } from './policy-document.ts';
import type { Asker, PrincipalElement } from './principal-element.ts';

export type ResourceRequest = {
  action: string;
  asker: Asker;
  /** Present for requests that came to a function URL: its kind of authorisation. */
  viaUrl?: FunctionUrl['auth'];
  eventSourceToken?: string;
};

export type ReadResourcePolicy = (statements: readonly ResourceStatement[]) => PolicyDocument;

/** Documents made once for as long as their statements are there: each change makes new ones. */
export function createResourcePolicyReader(): ReadResourcePolicy {
  const made = new WeakMap<readonly ResourceStatement[], PolicyDocument>();
  return (statements) => {
    const document = made.get(statements) ?? resourcePolicyDocument(statements);
    made.set(statements, document);
    return document;
  };
}

export function resourcePolicyAllows(statements: readonly ResourceStatement[], request: ResourceRequest): boolean {
  if (statements.length === 0) return false;
  const { action, asker } = request;
  const document = resourcePolicyDocument(statements);
  return decide(document, { action, resource: '', asker, context: lambdaKeys(request) }) === 'allowed';
}

const resourcePolicyDocument = (statements: readonly ResourceStatement[]): PolicyDocument => ({
  statements: statements.map(statementOf),
});

/** What Lambda knows of a request for a function. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html#awslambda-policy-keys */
export const lambdaKeys = ({
  viaUrl,
  eventSourceToken,
}: Pick<ResourceRequest, 'viaUrl' | 'eventSourceToken'>): ConditionContext => ({
  'lambda:functionurlauthtype': viaUrl === undefined ? undefined : authTypes[viaUrl],
  'lambda:invokedviafunctionurl': String(viaUrl !== undefined),
  'lambda:eventsourcetoken': eventSourceToken,
});

const authTypes = { none: 'NONE', iam: 'AWS_IAM' } as const;
const isPlain = { hasWildcards: true, hasVariables: false };

function statementOf(statement: ResourceStatement): Statement {
  const { functionUrlAuth, viaUrl, sourceArn, sourceAccount, principalOrgId, eventSourceToken } = statement;
  return {
    id: statement.id,
    effect: 'allow',
    principal: { element: elementOf(statement.principal), isExcept: false },
    actions: { patterns: [readPattern(statement.action, { ...isPlain, folds: true })], isExcept: false },
    // The function, version or alias that has it.
    resources: undefined,
    conditions: [
      ...condition('StringEquals', 'lambda:FunctionUrlAuthType', functionUrlAuth && authTypes[functionUrlAuth]),
      ...condition('Bool', 'lambda:InvokedViaFunctionUrl', viaUrl === undefined ? undefined : String(viaUrl)),
      ...condition('StringEquals', 'lambda:EventSourceToken', eventSourceToken),
      ...condition('StringEquals', 'aws:PrincipalOrgID', principalOrgId),
      ...condition('ArnLike', 'aws:SourceArn', sourceArn),
      ...condition('StringEquals', 'aws:SourceAccount', sourceAccount),
    ],
    extent: undefined,
  };
}

function condition(operator: string, key: string, value: string | undefined): Condition[] {
  const refuse = (why: string): never => {
    throw new Error(`invariant broken: ${why}`);
  };
  return value === undefined ? [] : [readCondition(operator, key, [value], { hasVariables: false, refuse })];
}

/** An account's number, an ARN or a service. */
function elementOf(name: string): PrincipalElement {
  if (name === '*') return { kind: 'everyone' };
  const isService = !/^(\d{12}$|arn:)/.test(name);
  return { kind: 'listed', aws: isService ? [] : [name], services: isService ? [name] : [], providers: [] };
}
