import type {
  GetProvisionedConcurrencyConfigRequest,
  GetProvisionedConcurrencyConfigResponse,
} from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { functionAccess, functionReference } from './function-reference.ts';
import {
  noneProvisioned,
  provisionableFunction,
  provisionedStatus,
  type ProvisionedParts,
} from './provisioned-concurrency.ts';

export function getProvisionedConcurrencyConfig(parts: ProvisionedParts): OperationEntry {
  return {
    access: functionAccess('lambda:GetProvisionedConcurrencyConfig'),
    async run(
      context: AwsContext,
      input: GetProvisionedConcurrencyConfigRequest,
    ): Promise<GetProvisionedConcurrencyConfigResponse> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const { record, qualifier } = await provisionableFunction(parts, reference);
      const { provisioned } = record.extras;
      const configured = Object.hasOwn(provisioned, qualifier) ? provisioned[qualifier] : undefined;
      if (configured === undefined) throw noneProvisioned();
      return provisionedStatus(parts, record, qualifier, configured);
    },
  };
}
