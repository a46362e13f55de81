/**
 * A function's resource policies, of which it has one for itself and one for each version and alias.
 *
 * Differs: S3 is asked for permission when a bucket is told to notify a function, and not again for each event; what a
 * deployment makes needs none. PrincipalOrgID is kept and matches nobody. Roles and users that a statement names need
 * not exist; a function's credentials are those of the role with the function's name.
 */
import { resourceStatements, type FunctionRecord, type ResourceStatement } from '../../registry/function.ts';
import { PlatformError } from '../../util/errors.ts';
import { latestVersion, type VersionId } from '../../util/ids.ts';
import type { Access, AwsContext } from '../service.ts';
import { existingFunction, functionReference, type FunctionReference } from './function-reference.ts';
import { functionNotFound, resourceNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

export type FunctionPolicy = {
  /** Where it is kept: the qualifier, and `$LATEST` for that of the function itself. */
  key: string;
  statements: readonly ResourceStatement[];
  /** That of the version or alias that it belongs to. */
  revisionId: string;
};

/** `access` of an operation on the policy of what an ARN names. */
export const resourceAccess =
  (action: string) =>
  (context: AwsContext, { ResourceArn }: { ResourceArn?: string | undefined }): readonly Access[] => [
    { action, resource: functionReference(context, ResourceArn).qualifiedArn },
  ];

/** Errors: ResourceNotFoundException, for a function, version or alias that is not there. */
export async function existingPolicy(
  registry: LambdaParts['registry'],
  reference: FunctionReference,
): Promise<FunctionPolicy> {
  const record = existingFunction(registry, reference);
  const { qualifier } = reference;
  const owner = await ownerOf(registry, record, qualifier);
  if (owner !== undefined) {
    const key = qualifier ?? latestVersion;
    return { key, statements: resourceStatements(record, key), revisionId: owner.revisionId };
  }
  // What could be no number and no alias is looked up as it is.
  const isAlias = /^(?!\d+$)[a-zA-Z0-9_-]+$/.test(qualifier ?? '');
  throw isAlias
    ? resourceNotFound(`Cannot find alias arn: ${reference.qualifiedArn}`)
    : functionNotFound(reference.qualifiedArn);
}

async function ownerOf(
  registry: LambdaParts['registry'],
  record: FunctionRecord,
  qualifier: string | undefined,
): Promise<{ revisionId: string } | undefined> {
  if (qualifier === undefined || qualifier === latestVersion) return record.latest;
  if (Object.hasOwn(record.aliases, qualifier)) return record.aliases[qualifier];
  return registry.version(record.account, record.name, qualifier as VersionId);
}

/**
 * Puts the statements in the place of those that are there, and the policy's owner under another revision. `wantedRevision`:
 * the one that the caller has read. Errors: PreconditionFailedException, where it is not the present one; what `change` throws.
 */
export async function writeFunctionPolicy(
  registry: LambdaParts['registry'],
  reference: FunctionReference,
  { key, wantedRevision }: { key: string; wantedRevision: string | undefined },
  change: (present: readonly ResourceStatement[]) => readonly ResourceStatement[],
): Promise<void> {
  await registry.edit(
    reference.account,
    reference.name,
    (record, revisionId) => {
      checkPolicyRevision(wantedRevision, revisionId);
      const { [key]: _present, ...others } = record.extras.policies;
      const statements = change(resourceStatements(record, key));
      return { ...record.extras, policies: statements.length === 0 ? others : { ...others, [key]: statements } };
    },
    { revises: key },
  );
}

/** Throws unless no revision was named, or the present one. */
function checkPolicyRevision(wanted: string | undefined, present: string | undefined): void {
  if (wanted === undefined || wanted === present) return;
  throw new PlatformError(
    'precondition_failed',
    'The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id',
    { reason: 'PreconditionFailedException' },
  );
}
