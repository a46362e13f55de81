import type { DeleteFunctionUrlConfigRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { functionAccess, functionReference } from './function-reference.ts';
import { ownUrl, urlKey, urlMissing } from './function-url.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** The address never comes back. https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionUrlConfig.html */
export function deleteFunctionUrlConfig({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: functionAccess('lambda:DeleteFunctionUrlConfig'),
    async run(context: AwsContext, input: DeleteFunctionUrlConfigRequest): Promise<object> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const key = urlKey(reference);
      if (registry.get(reference.account, reference.name) === undefined) throw urlMissing();
      await registry.edit(reference.account, reference.name, (record) => {
        if (ownUrl(record, key) === undefined) throw urlMissing();
        const { [key]: _gone, ...others } = record.extras.urls;
        return { ...record.extras, urls: others };
      });
      return {};
    },
  };
}
