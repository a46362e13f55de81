import type { DeleteAliasRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** Deleting one that is not there succeeds. https://docs.aws.amazon.com/lambda/latest/api/API_DeleteAlias.html */
export function deleteAlias({ registry }: LambdaParts): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:DeleteAlias'),
    async run(context: AwsContext, input: DeleteAliasRequest): Promise<object> {
      const reference = functionReference(context, input.FunctionName);
      existingFunction(registry, reference);
      await registry.deleteAlias(reference.account, reference.name, input.Name ?? '');
      return {};
    },
  };
}
