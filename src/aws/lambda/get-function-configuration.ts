import type { FunctionConfiguration, GetFunctionConfigurationRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { shownEnvironment } from './environment-key.ts';
import { functionConfiguration } from './function-configuration.ts';
import { existingVersion, functionAccess, functionReference } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { versionState } from './version-states.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html */
export function getFunctionConfiguration(parts: LambdaParts): OperationEntry {
  return {
    access: functionAccess('lambda:GetFunctionConfiguration'),
    async run(context: AwsContext, input: GetFunctionConfigurationRequest): Promise<FunctionConfiguration> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const { version } = await existingVersion(parts.registry, reference);
      const state = await versionState(parts, version);
      const shown = await shownEnvironment(parts, context, version);
      return functionConfiguration(parts, { version, state, ...shown, qualifier: reference.qualifier });
    },
  };
}
