import type { FunctionEventInvokeConfig, GetFunctionEventInvokeConfigRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { configuredEvents, eventInvokeConfig, qualifierOf } from './event-invoke-config.ts';
import { functionAccess, functionReference } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';

export function getFunctionEventInvokeConfig({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: functionAccess('lambda:GetFunctionEventInvokeConfig'),
    run(context: AwsContext, input: GetFunctionEventInvokeConfigRequest): Promise<FunctionEventInvokeConfig> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const configured = configuredEvents(registry.get(reference.account, reference.name), reference);
      return Promise.resolve(eventInvokeConfig(reference, qualifierOf(reference), configured));
    },
  };
}
