import type { CreateFunctionUrlConfigRequest, CreateFunctionUrlConfigResponse } from '@aws-sdk/client-lambda';
import type { FunctionUrl } from '../../registry/function.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { functionAccess, functionReference } from './function-reference.ts';
import { functionForUrl, ownUrl, readCors, urlKey, writeUrl } from './function-url.ts';
import { resourceConflict } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** Bytes of the part of the host that is the address's own. */
const urlIdBytes = 16;

/** Who may call it is for AddPermission to say. https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html */
export function createFunctionUrlConfig(parts: LambdaParts): OperationEntry {
  const { registry, clock, ids } = parts;
  return {
    access: functionAccess('lambda:CreateFunctionUrlConfig'),
    async run(context: AwsContext, input: CreateFunctionUrlConfigRequest): Promise<CreateFunctionUrlConfigResponse> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      functionForUrl(registry, reference);
      const key = urlKey(reference);
      const cors = input.Cors === undefined ? undefined : readCors(input.Cors);
      const url: FunctionUrl = {
        urlId: ids.hex(urlIdBytes),
        auth: input.AuthType === 'NONE' ? 'none' : 'iam',
        ...(cors === undefined ? {} : { cors }),
        streams: input.InvokeMode === 'RESPONSE_STREAM',
        createdMs: clock.now(),
        modifiedMs: clock.now(),
      };
      await registry.edit(reference.account, reference.name, (record) => {
        if (ownUrl(record, key) !== undefined) {
          throw resourceConflict(
            `Failed to create function url config for [functionArn = ${reference.qualifiedArn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
          );
        }
        return { ...record.extras, urls: { ...record.extras.urls, [key]: url } };
      });
      const { LastModifiedTime: _same, InvokeMode, ...written } = writeUrl(parts, reference, key, url);
      // Lambda answers the mode only to those who gave one.
      return input.InvokeMode === undefined ? written : { ...written, InvokeMode };
    },
  };
}
