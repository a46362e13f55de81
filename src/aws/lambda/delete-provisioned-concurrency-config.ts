import type { DeleteProvisionedConcurrencyConfigRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { functionAccess, functionReference } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { provisionableFunction } from './provisioned-concurrency.ts';

/** What was not provisioned is no error. */
export function deleteProvisionedConcurrencyConfig(parts: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: functionAccess('lambda:DeleteProvisionedConcurrencyConfig'),
    async run(context: AwsContext, input: DeleteProvisionedConcurrencyConfigRequest): Promise<object> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const { qualifier } = await provisionableFunction(parts, reference);
      await parts.registry.edit(context.account, reference.name, ({ extras }) => {
        const { [qualifier]: _gone, ...provisioned } = extras.provisioned;
        return { ...extras, provisioned };
      });
      return {};
    },
  };
}
