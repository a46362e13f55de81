import type { RemovePermissionRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkPolicyRevision, existingPolicy, writeFunctionPolicy } from './function-policy.ts';
import { functionAccess, functionReference } from './function-reference.ts';
import { resourceNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_RemovePermission.html */
export function removePermission({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: functionAccess('lambda:RemovePermission'),
    async run(context: AwsContext, input: RemovePermissionRequest): Promise<object> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      if (registry.get(reference.account, reference.name) === undefined) {
        throw resourceNotFound(`No policy found for: ${reference.qualifiedArn}`);
      }
      const policy = await existingPolicy(registry, reference);
      checkPolicyRevision(input.RevisionId, policy.revisionId);
      await writeFunctionPolicy(registry, reference, policy.key, (present) =>
        withoutStatement(present, input.StatementId ?? ''),
      );
      return {};
    },
  };
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
