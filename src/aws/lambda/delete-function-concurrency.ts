import type { DeleteFunctionConcurrencyRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** What was not reserved is no error. */
export function deleteFunctionConcurrency({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:DeleteFunctionConcurrency'),
    async run(context: AwsContext, input: DeleteFunctionConcurrencyRequest): Promise<object> {
      const reference = functionReference(context, input.FunctionName);
      existingFunction(registry, reference);
      await registry.edit(context.account, reference.name, ({ extras }) => {
        const { reservedConcurrency: _given, ...others } = extras;
        return others;
      });
      return {};
    },
  };
}
