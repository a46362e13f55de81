import type { FunctionConfiguration, UpdateFunctionConfigurationRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { shownEnvironment } from './environment-key.ts';
import { functionConfiguration } from './function-configuration.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import { changedSettings, settingsAccess } from './function-settings.ts';
import { checkRevision } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { checkUnchanged, putFunction } from './put-function.ts';

/** What is absent stays; variables and layers are replaced as a whole. https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html */
export function updateFunctionConfiguration(parts: LambdaParts): OperationEntry {
  return {
    access: (context, input: UpdateFunctionConfigurationRequest) => [
      ...wholeFunctionAccess('lambda:UpdateFunctionConfiguration')(context, input),
      ...settingsAccess(context, input),
    ],
    async run(context: AwsContext, input: UpdateFunctionConfigurationRequest): Promise<FunctionConfiguration> {
      const reference = functionReference(context, input.FunctionName);
      const { latest } = existingFunction(parts.registry, reference);
      checkRevision(input.RevisionId, latest.revisionId);
      const { bundle } = latest.settings;
      const settings = { ...(await changedSettings(parts, context, input, latest.settings, reference.name)), bundle };
      const record = await putFunction(parts, reference, settings, {
        check: (before) => checkUnchanged(latest, before?.latest),
      });
      const shown = await shownEnvironment(parts, context, record.latest);
      return functionConfiguration(parts, { version: record.latest, state: { status: 'updating' }, ...shown });
    },
  };
}
