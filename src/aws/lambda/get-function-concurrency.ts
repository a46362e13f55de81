import type { GetFunctionConcurrencyRequest, GetFunctionConcurrencyResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingFunction, functionAccess, functionReference } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** Nothing reserved: nothing answered. */
export function getFunctionConcurrency({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: functionAccess('lambda:GetFunctionConcurrency'),
    run(context: AwsContext, input: GetFunctionConcurrencyRequest): Promise<GetFunctionConcurrencyResponse> {
      const { extras } = existingFunction(registry, functionReference(context, input.FunctionName));
      return Promise.resolve(
        extras.reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: extras.reservedConcurrency },
      );
    },
  };
}
