import type { PutFunctionRecursionConfigRequest, PutFunctionRecursionConfigResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** Whether a chain of events that leads from the function back to itself is stopped. https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html */
export function putFunctionRecursionConfig({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:PutFunctionRecursionConfig'),
    async run(
      context: AwsContext,
      input: PutFunctionRecursionConfigRequest,
    ): Promise<PutFunctionRecursionConfigResponse> {
      const { RecursiveLoop } = input;
      const reference = functionReference(context, input.FunctionName);
      existingFunction(registry, reference);
      const recursion = RecursiveLoop === 'Allow' ? 'allow' : 'terminate';
      await registry.edit(context.account, reference.name, ({ extras }) => ({ ...extras, recursion }));
      return { RecursiveLoop };
    },
  };
}
