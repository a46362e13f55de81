import type { GetFunctionRecursionConfigRequest, GetFunctionRecursionConfigResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';

export function getFunctionRecursionConfig({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:GetFunctionRecursionConfig'),
    run(context: AwsContext, input: GetFunctionRecursionConfigRequest): Promise<GetFunctionRecursionConfigResponse> {
      const { extras } = existingFunction(registry, functionReference(context, input.FunctionName));
      return Promise.resolve({ RecursiveLoop: extras.recursion === 'allow' ? 'Allow' : 'Terminate' });
    },
  };
}
