import type { RemovePermissionRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingPolicy, writeFunctionPolicy } from './function-policy.ts';
import { functionAccess, functionReference } from './function-reference.ts';
import { resourceNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { withoutStatement } from './policy-statement.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_RemovePermission.html */
export function removePermission({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: functionAccess('lambda:RemovePermission'),
    async run(context: AwsContext, input: RemovePermissionRequest): Promise<object> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      if (registry.get(reference.account, reference.name) === undefined) {
        throw resourceNotFound(`No policy found for: ${reference.qualifiedArn}`);
      }
      const { key } = await existingPolicy(registry, reference);
      await writeFunctionPolicy(registry, reference, { key, wantedRevision: input.RevisionId }, (present) =>
        withoutStatement(present, input.StatementId ?? ''),
      );
      return {};
    },
  };
}
