import type { GetFunctionRequest, GetFunctionResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { shownEnvironment } from './environment-key.ts';
import { functionConfiguration } from './function-configuration.ts';
import { existingVersion, functionAccess, functionReference } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { versionState } from './version-states.ts';

/** With an address of the zip that is good for ten minutes. https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html */
export function getFunction(parts: LambdaParts): OperationEntry {
  return {
    access: functionAccess('lambda:GetFunction'),
    async run(context: AwsContext, input: GetFunctionRequest): Promise<GetFunctionResponse> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const { record, version } = await existingVersion(parts.registry, reference);
      const { tags, reservedConcurrency } = record.extras;
      const concurrency = reservedConcurrency ?? version.settings.concurrencyMax;
      const state = await versionState(parts, version);
      const shown = await shownEnvironment(parts, context, version);
      return {
        Configuration: functionConfiguration(parts, { version, state, ...shown, qualifier: reference.qualifier }),
        Code: { RepositoryType: 'S3', Location: parts.codeLocation(context.endpoint, version.settings.bundle) },
        ...(Object.keys(tags).length === 0 ? {} : { Tags: { ...tags } }),
        ...(concurrency === undefined ? {} : { Concurrency: { ReservedConcurrentExecutions: concurrency } }),
      };
    },
  };
}
