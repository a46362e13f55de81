import type { GetFunctionConcurrencyRequest, GetFunctionConcurrencyResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** What the manifest's `concurrency` says where nothing is reserved, as GetFunction does; neither: nothing is answered. */
export function getFunctionConcurrency({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:GetFunctionConcurrency'),
    run(context: AwsContext, input: GetFunctionConcurrencyRequest): Promise<GetFunctionConcurrencyResponse> {
      const { extras, latest } = existingFunction(registry, functionReference(context, input.FunctionName));
      const reserved = extras.reservedConcurrency ?? latest.settings.concurrencyMax;
      return Promise.resolve(reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved });
    },
  };
}
