import type { FunctionConfiguration, ListFunctionsRequest, ListFunctionsResponse } from '@aws-sdk/client-lambda';
import type { FunctionVersion } from '../../registry/function.ts';
import { latestVersion } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { listedConfiguration, versionKey } from './listed-configuration.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { pageOf } from './page.ts';

/**
 * By name. `MasterRegion` asks for copies at the edge, of which there are none.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
 */
export function listFunctions(parts: LambdaParts): OperationEntry {
  return {
    access: () => [{ action: 'lambda:ListFunctions', resource: '*' }],
    async run(context: AwsContext, input: ListFunctionsRequest): Promise<ListFunctionsResponse> {
      const versions = input.MasterRegion === undefined ? await versionsOf(context, input) : [];
      const { items, ...next } = pageOf(versions, input, (version) => `${version.name}/${versionKey(version)}`);
      const Functions = await Promise.all(items.map((version) => configured(context, version, input)));
      return { Functions, ...next };
    },
  };

  async function versionsOf({ account }: AwsContext, input: ListFunctionsRequest): Promise<FunctionVersion[]> {
    const versions: FunctionVersion[] = [];
    for (const { name, latest } of parts.registry.list(account)) {
      versions.push(latest);
      if (input.FunctionVersion === 'ALL') versions.push(...(await parts.registry.versions(account, name)));
    }
    return versions;
  }

  function configured(
    context: AwsContext,
    version: FunctionVersion,
    { FunctionVersion: which }: ListFunctionsRequest,
  ): Promise<FunctionConfiguration> {
    return listedConfiguration(parts, context, version, which === 'ALL' ? latestVersion : undefined);
  }
}
