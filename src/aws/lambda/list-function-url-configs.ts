import type { ListFunctionUrlConfigsRequest, ListFunctionUrlConfigsResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { functionReference, wholeFunctionAccess } from './function-reference.ts';
import { functionForUrl, writeUrl } from './function-url.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { pageOf } from './page.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionUrlConfigs.html */
export function listFunctionUrlConfigs(parts: LambdaParts): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:ListFunctionUrlConfigs'),
    run(context: AwsContext, input: ListFunctionUrlConfigsRequest): Promise<ListFunctionUrlConfigsResponse> {
      const reference = functionReference(context, input.FunctionName);
      const { extras } = functionForUrl(parts.registry, reference);
      const ordered = Object.entries(extras.urls).toSorted(([one], [other]) => (one < other ? -1 : 1));
      const { items, ...marker } = pageOf(ordered, input, ([key]) => key);
      return Promise.resolve({
        FunctionUrlConfigs: items.map(([key, url]) => writeUrl(parts, reference, key, url)),
        ...marker,
      });
    },
  };
}
