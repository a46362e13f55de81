import type {
  ListProvisionedConcurrencyConfigsRequest,
  ListProvisionedConcurrencyConfigsResponse,
} from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import { pageOf } from './page.ts';
import { provisionedStatus, type ProvisionedParts } from './provisioned-concurrency.ts';

/** By qualifier. */
export function listProvisionedConcurrencyConfigs(parts: ProvisionedParts): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:ListProvisionedConcurrencyConfigs'),
    run(
      context: AwsContext,
      input: ListProvisionedConcurrencyConfigsRequest,
    ): Promise<ListProvisionedConcurrencyConfigsResponse> {
      const record = existingFunction(parts.registry, functionReference(context, input.FunctionName));
      const all = Object.entries(record.extras.provisioned).toSorted(([one], [other]) => (one < other ? -1 : 1));
      const { items, ...next } = pageOf(all, input, ([qualifier]) => qualifier);
      return Promise.resolve({
        ProvisionedConcurrencyConfigs: items.map(([qualifier, configured]) => ({
          FunctionArn: `${record.arn}:${qualifier}`,
          ...provisionedStatus(parts, record, qualifier, configured),
        })),
        ...next,
      });
    },
  };
}
