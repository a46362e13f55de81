import type { DeleteResourcePolicyRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingPolicy, resourceAccess, writeFunctionPolicy } from './function-policy.ts';
import { functionReference } from './function-reference.ts';
import { resourceNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteResourcePolicy.html */
export function deleteResourcePolicy({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: resourceAccess('lambda:DeleteResourcePolicy'),
    async run(context: AwsContext, input: DeleteResourcePolicyRequest): Promise<object> {
      const reference = functionReference(context, input.ResourceArn);
      const policy = await existingPolicy(registry, reference);
      if (policy.statements.length === 0) throw resourceNotFound('No policy is associated with the given resource.');
      await writeFunctionPolicy(registry, reference, { key: policy.key, wantedRevision: input.RevisionId }, () => []);
      return {};
    },
  };
}
