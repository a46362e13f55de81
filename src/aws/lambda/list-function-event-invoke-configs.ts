import type {
  ListFunctionEventInvokeConfigsRequest,
  ListFunctionEventInvokeConfigsResponse,
} from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { eventInvokeConfig } from './event-invoke-config.ts';
import { functionReference, wholeFunctionAccess } from './function-reference.ts';
import { resourceNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { pageOf } from './page.ts';

/** By qualifier. */
export function listFunctionEventInvokeConfigs({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:ListFunctionEventInvokeConfigs'),
    run(
      context: AwsContext,
      input: ListFunctionEventInvokeConfigsRequest,
    ): Promise<ListFunctionEventInvokeConfigsResponse> {
      const reference = functionReference(context, input.FunctionName);
      const record = registry.get(reference.account, reference.name);
      if (record === undefined) return Promise.reject(resourceNotFound("The function doesn't exist."));
      const all = Object.entries(record.extras.eventInvokes).toSorted(([one], [other]) => (one < other ? -1 : 1));
      const { items, ...next } = pageOf(all, input, ([qualifier]) => qualifier);
      const configs = items.map(([qualifier, configured]) => eventInvokeConfig(record, qualifier, configured));
      return Promise.resolve({ FunctionEventInvokeConfigs: configs, ...next });
    },
  };
}
