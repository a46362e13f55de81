import type { DeleteFunctionEventInvokeConfigRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { configuredEvents, qualifierOf } from './event-invoke-config.ts';
import { functionAccess, functionReference } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';

export function deleteFunctionEventInvokeConfig({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: functionAccess('lambda:DeleteFunctionEventInvokeConfig'),
    async run(context: AwsContext, input: DeleteFunctionEventInvokeConfigRequest): Promise<object> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      configuredEvents(registry.get(reference.account, reference.name), reference);
      await registry.edit(context.account, reference.name, (record) => {
        configuredEvents(record, reference);
        const { [qualifierOf(reference)]: _gone, ...eventInvokes } = record.extras.eventInvokes;
        return { ...record.extras, eventInvokes };
      });
      return {};
    },
  };
}
