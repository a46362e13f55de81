import type { FunctionConfiguration, UpdateFunctionCodeRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { addCode, codeAccess } from './function-code.ts';
import { shownEnvironment } from './environment-key.ts';
import { functionConfiguration } from './function-configuration.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import { architectureOf } from './function-settings.ts';
import { checkRevision, notHere } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { checkUnchanged, publishPut, putFunction } from './put-function.ts';

/** A dry run answers what would be. https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html */
export function updateFunctionCode(parts: LambdaParts): OperationEntry {
  return {
    access: (context, input: UpdateFunctionCodeRequest) => [
      ...wholeFunctionAccess('lambda:UpdateFunctionCode')(context, input),
      ...codeAccess(input),
    ],
    async run(context: AwsContext, input: UpdateFunctionCodeRequest): Promise<FunctionConfiguration> {
      const reference = functionReference(context, input.FunctionName);
      const { latest } = existingFunction(parts.registry, reference);
      checkRevision(input.RevisionId, latest.revisionId);
      if (input.PublishTo !== undefined) throw notHere('PublishTo', 'leave it out.');
      const architecture = input.Architectures === undefined ? {} : architectureOf(parts, input.Architectures);
      const bundle = await addCode(parts, context, input);
      const settings = { ...latest.settings, ...architecture, bundle };
      // Of the same variables, whichever version it is.
      const shown = await shownEnvironment(parts, context, latest);
      if (input.DryRun === true) {
        return functionConfiguration(parts, {
          version: { ...latest, settings },
          state: { status: 'active' },
          ...shown,
        });
      }
      const record = await putFunction(parts, reference, settings, {
        check: (before) => checkUnchanged(latest, before?.latest),
      });
      if (input.Publish === true) {
        const version = await publishPut(parts, record);
        return functionConfiguration(parts, { version, state: { status: 'creating' }, ...shown });
      }
      return functionConfiguration(parts, { version: record.latest, state: { status: 'updating' }, ...shown });
    },
  };
}
