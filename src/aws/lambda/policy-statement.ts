/** Statements of resource policies as Lambda writes them, member by member in its order. */
import { accountRoot } from '../../identity/principal-element.ts';
import type { ResourceStatement } from '../../registry/function.ts';
import { PlatformError } from '../../util/errors.ts';
import { resourceConflict, resourceNotFound } from './lambda-errors.ts';

/** `*`, `{ AWS: arn }`, `{ Service: name }`. */
type WrittenPrincipal = '*' | { AWS: string } | { Service: string };

export type WrittenStatement = {
  Sid: string;
  Effect: 'Allow';
  Principal: WrittenPrincipal;
  Action: string;
  Resource: string;
  Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

const servicePattern = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com|amazonaws\.com\.cn|amazon\.com|aws\.internal)$/;
/** Services are named without a region, with few exceptions. */
const regionalPattern = /\.[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d\.amazonaws\.com$/;
const regionalServices = /^(logs|opsworks|codedeploy)\./;
const identityPattern =
  /^arn:aws[a-zA-Z-]*:(iam|sts)::\d{12}:(root|user\/.+|role\/.+|assumed-role\/.+|federated-user\/.+)$/;

/** Undefined: nobody that a policy can name. */
export function writePrincipal(principal: string): WrittenPrincipal | undefined {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: accountRoot(principal) };
  if (identityPattern.test(principal)) return { AWS: principal };
  if (!servicePattern.test(principal)) return undefined;
  if (regionalPattern.test(principal) && !regionalServices.test(principal)) return undefined;
  return { Service: principal };
}

const authNames = { none: 'NONE', iam: 'AWS_IAM' } as const;

export function writeStatement(statement: ResourceStatement, resource: string): WrittenStatement {
  const { id, action, functionUrlAuth, principalOrgId, sourceAccount, sourceArn, eventSourceToken, viaUrl } = statement;
  const equals = {
    ...(functionUrlAuth === undefined ? {} : { 'lambda:FunctionUrlAuthType': authNames[functionUrlAuth] }),
    ...(principalOrgId === undefined ? {} : { 'aws:PrincipalOrgID': principalOrgId }),
    ...(sourceAccount === undefined ? {} : { 'AWS:SourceAccount': sourceAccount }),
    ...(eventSourceToken === undefined ? {} : { 'lambda:EventSourceToken': eventSourceToken }),
  };
  const condition = {
    ...(Object.keys(equals).length === 0 ? {} : { StringEquals: equals }),
    ...(sourceArn === undefined ? {} : { ArnLike: { 'AWS:SourceArn': sourceArn } }),
    ...(viaUrl === undefined ? {} : { Bool: { 'lambda:InvokedViaFunctionUrl': String(viaUrl) } }),
  };
  return {
    Sid: id,
    Effect: 'Allow',
    Principal: writePrincipal(statement.principal) ?? { AWS: statement.principal },
    Action: action,
    Resource: resource,
    ...(Object.keys(condition).length === 0 ? {} : { Condition: condition }),
  };
}

/** The whole document, as JSON. */
export function writePolicy(statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements });
}

/** Lambda's limit of a function's policy. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const policyBytesMax = 20 * 1024;

/** Errors: ResourceConflictException. */
export function checkNewId(present: readonly { id: string }[], id: string): void {
  if (!present.some((statement) => statement.id === id)) return;
  throw resourceConflict(
    `The statement id (${id}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
  );
}

/** `statements`: as they are written. Errors: PolicyLengthExceededException. */
export function checkPolicySize(statements: readonly object[]): void {
  const bytes = Buffer.byteLength(writePolicy(statements));
  if (bytes <= policyBytesMax) return;
  throw new PlatformError(
    'too_large',
    `The final policy size (${bytes}) is bigger than the limit (${policyBytesMax}).`,
    {
      reason: 'PolicyLengthExceededException',
    },
  );
}

/** Errors: ResourceNotFoundException. */
export function withoutStatement<Statement extends { id: string }>(
  present: readonly Statement[],
  id: string,
): readonly Statement[] {
  if (present.length === 0) throw resourceNotFound('No policy is associated with the given resource.');
  const others = present.filter((statement) => statement.id !== id);
  if (others.length === present.length) throw resourceNotFound(`Statement ${id} is not found in resource policy.`);
  return others;
}
