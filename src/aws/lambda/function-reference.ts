/**
 * Which function an input means: a name, a partial ARN (`123456789012:function:name`), an ARN, each perhaps with a
 * version or alias behind it. https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
 */
import type { FunctionRecord, FunctionVersion } from '../../registry/function.ts';
import type { Registry } from '../../registry/registry.ts';
import { PlatformError } from '../../util/errors.ts';
import { functionArn, latestVersion, type AccountId, type FunctionArn, type VersionId } from '../../util/ids.ts';
import type { Access, AwsContext } from '../service.ts';
import { functionNotFound, invalidParameterValue, resourceNotFound } from './lambda-errors.ts';

export type FunctionReference = {
  account: AccountId;
  name: string;
  /** A version's number, `$LATEST` or an alias's name; undefined: none was given. */
  qualifier: string | undefined;
  /** Without the qualifier. */
  arn: FunctionArn;
  /** With it, if one was given. */
  qualifiedArn: string;
};

type Caller = Pick<AwsContext, 'account' | 'region' | 'principal'>;

/** `[arn:aws:lambda:][region:][account:][function:]name[:qualifier]` */
const pattern =
  /^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:([a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9_.-]+)(?::(\$LATEST|[a-zA-Z0-9_-]+))?$/;

/**
 * `functionName` has passed the model's constraints. Errors: ResourceNotFoundException (another region),
 * AccessDeniedException (another account), InvalidParameterValueException (two qualifiers that differ).
 */
export function functionReference(
  context: Caller,
  functionName: string | undefined,
  qualifier?: string,
): FunctionReference {
  const reference = anyFunctionReference(context, functionName, qualifier);
  if (reference.account === context.account) return reference;
  throw new PlatformError(
    'permission_denied',
    `User: ${context.principal.arn} is not authorized to perform this operation on resource: ${functionName} because no resource-based policy allows it`,
    { reason: 'AccessDeniedException' },
  );
}

/**
 * Of another account, too: for operations that do what they do to the function of the reference, and whose permission was
 * asked of it. Errors: ResourceNotFoundException (another region), InvalidParameterValueException (two qualifiers that differ).
 */
export function anyFunctionReference(
  context: Caller,
  functionName: string | undefined,
  qualifier?: string,
): FunctionReference {
  const [, region, account, name, ownQualifier] = pattern.exec(functionName ?? '') ?? [];
  if (name === undefined) throw functionNotFound(functionName ?? '');
  if (region !== undefined && region !== context.region) {
    throw resourceNotFound(`Functions from '${region}' are not reachable in this region ('${context.region}')`);
  }
  if (ownQualifier !== undefined && qualifier !== undefined && ownQualifier !== qualifier) {
    throw invalidParameterValue(
      'The derived qualifier from the function name does not match the specified qualifier.',
      { field: 'Qualifier' },
    );
  }
  const owner = (account as AccountId | undefined) ?? context.account;
  const arn = functionArn(context.region, owner, name);
  const given = qualifier ?? ownQualifier;
  return {
    account: owner,
    name,
    qualifier: given,
    arn,
    qualifiedArn: given === undefined ? arn : `${arn}:${given}`,
  };
}

/** `access` of an operation on one function, version or alias: the action, on its ARN, with the qualifier if one was given. */
export const functionAccess =
  (...actions: readonly string[]) =>
  (
    context: AwsContext,
    input: { FunctionName?: string | undefined; Qualifier?: string | undefined },
  ): readonly Access[] => {
    const { qualifiedArn } = functionReference(context, input.FunctionName, input.Qualifier);
    return actions.map((action) => ({ action, resource: qualifiedArn }));
  };

/** `access` of invocations, which functions of other accounts may let. */
export const invocationAccess = (
  context: AwsContext,
  input: { FunctionName?: string | undefined; Qualifier?: string | undefined },
): readonly Access[] => {
  const { qualifiedArn } = anyFunctionReference(context, input.FunctionName, input.Qualifier);
  return [{ action: 'lambda:InvokeFunction', resource: qualifiedArn }];
};

/**
 * `access` of an operation on a function whatever version its name says, its aliases among it: asked of the function, so
 * that who may do something with one version may not do it with all of them by naming that one.
 */
export const wholeFunctionAccess =
  (...actions: readonly string[]) =>
  (context: AwsContext, input: { FunctionName?: string | undefined }): readonly Access[] => {
    const { arn } = functionReference(context, input.FunctionName);
    return actions.map((action) => ({ action, resource: arn }));
  };

/** The function, whatever the qualifier. Errors: ResourceNotFoundException. */
export function existingFunction(registry: Registry, reference: FunctionReference): FunctionRecord {
  const record = registry.get(reference.account, reference.name);
  if (record === undefined) throw functionNotFound(reference.qualifiedArn);
  return record;
}

export type FoundVersion = { record: FunctionRecord; version: FunctionVersion };

/** The version that the qualifier means; of an alias, the one that it points to. Errors: ResourceNotFoundException. */
export async function existingVersion(registry: Registry, reference: FunctionReference): Promise<FoundVersion> {
  const record = existingFunction(registry, reference);
  const { qualifier = latestVersion } = reference;
  const alias = Object.hasOwn(record.aliases, qualifier) ? record.aliases[qualifier] : undefined;
  const wanted = alias?.version ?? (qualifier as VersionId);
  const version = await registry.version(reference.account, reference.name, wanted);
  if (version === undefined) throw functionNotFound(reference.qualifiedArn);
  return { record, version };
}
