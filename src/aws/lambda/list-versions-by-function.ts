import type { ListVersionsByFunctionRequest, ListVersionsByFunctionResponse } from '@aws-sdk/client-lambda';
import { latestVersion } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { listedConfiguration, versionKey } from './listed-configuration.ts';
import { pageOf } from './page.ts';

/** $LATEST first, then by number. https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html */
export function listVersionsByFunction(parts: LambdaParts): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:ListVersionsByFunction'),
    async run(context: AwsContext, input: ListVersionsByFunctionRequest): Promise<ListVersionsByFunctionResponse> {
      const reference = functionReference(context, input.FunctionName);
      const { latest } = existingFunction(parts.registry, reference);
      const versions = [latest, ...(await parts.registry.versions(reference.account, reference.name))];
      const { items, ...next } = pageOf(versions, input, versionKey);
      const listed = items.map((version) => listedConfiguration(parts, context, version, latestVersion));
      return { Versions: await Promise.all(listed), ...next };
    },
  };
}
