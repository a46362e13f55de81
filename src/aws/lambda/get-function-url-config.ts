import type { GetFunctionUrlConfigRequest, GetFunctionUrlConfigResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { functionAccess, functionReference } from './function-reference.ts';
import { ownUrl, urlKey, urlMissing, writeUrl } from './function-url.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionUrlConfig.html */
export function getFunctionUrlConfig(parts: LambdaParts): OperationEntry {
  return {
    access: functionAccess('lambda:GetFunctionUrlConfig'),
    run(context: AwsContext, input: GetFunctionUrlConfigRequest): Promise<GetFunctionUrlConfigResponse> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const record = parts.registry.get(reference.account, reference.name);
      const key = urlKey(reference);
      const url = record === undefined ? undefined : ownUrl(record, key);
      if (url === undefined) throw urlMissing();
      return Promise.resolve(writeUrl(parts, reference, key, url));
    },
  };
}
