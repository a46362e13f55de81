import type { UpdateFunctionUrlConfigRequest, UpdateFunctionUrlConfigResponse } from '@aws-sdk/client-lambda';
import type { FunctionUrl } from '../../registry/function.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { functionAccess, functionReference } from './function-reference.ts';
import { functionForUrl, ownUrl, readCors, urlKey, urlMissing, writeUrl } from './function-url.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** What is not given stays. https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionUrlConfig.html */
export function updateFunctionUrlConfig(parts: LambdaParts): OperationEntry {
  const { registry, clock } = parts;
  return {
    access: functionAccess('lambda:UpdateFunctionUrlConfig'),
    async run(context: AwsContext, input: UpdateFunctionUrlConfigRequest): Promise<UpdateFunctionUrlConfigResponse> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      functionForUrl(registry, reference);
      const key = urlKey(reference);
      const record = await registry.edit(reference.account, reference.name, (present) => {
        const url = ownUrl(present, key);
        if (url === undefined) throw urlMissing();
        const changed = { ...changedUrl(url, input), modifiedMs: clock.now() };
        return { ...present.extras, urls: { ...present.extras.urls, [key]: changed } };
      });
      const url = ownUrl(record, key);
      if (url === undefined) throw urlMissing();
      const { InvokeMode, ...written } = writeUrl(parts, reference, key, url);
      // Lambda answers the mode only to those who gave one.
      return input.InvokeMode === undefined ? written : { ...written, InvokeMode };
    },
  };
}

function changedUrl(url: FunctionUrl, { AuthType, Cors, InvokeMode }: UpdateFunctionUrlConfigRequest): FunctionUrl {
  const { cors: present, ...others } = url;
  const cors = Cors === undefined ? present : readCors(Cors);
  return {
    ...others,
    ...(AuthType === undefined ? {} : { auth: AuthType === 'NONE' ? 'none' : 'iam' }),
    ...(InvokeMode === undefined ? {} : { streams: InvokeMode === 'RESPONSE_STREAM' }),
    ...(cors === undefined ? {} : { cors }),
  };
}
