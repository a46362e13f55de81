import type { CreateFunctionRequest, FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { addCode, codeAccess } from './function-code.ts';
import { shownEnvironment } from './environment-key.ts';
import { functionConfiguration } from './function-configuration.ts';
import { functionReference, wholeFunctionAccess } from './function-reference.ts';
import { changedSettings, newSettings, settingsAccess } from './function-settings.ts';
import { invalidParameterValue, notHere, resourceConflict } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { publishPut, putFunction } from './put-function.ts';
import { checkTags } from './tags.ts';

/** Of a name that stands alone; one inside an ARN is held to the whole's 140. */
const nameLengthMax = 64;

/**
 * Answered once the code lies unpacked: as `Pending`, so that whoever waits as for Lambda's waits right, and active
 * with the next look. See function-settings.ts and function-code.ts for what is refused by name.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 */
export function createFunction(parts: LambdaParts): OperationEntry {
  return {
    access: (context, input: CreateFunctionRequest) => [
      ...wholeFunctionAccess('lambda:CreateFunction')(context, input),
      ...settingsAccess(context, input),
      ...codeAccess(input.Code ?? {}),
    ],
    async run(context: AwsContext, input: CreateFunctionRequest): Promise<FunctionConfiguration> {
      const reference = functionReference(context, input.FunctionName);
      const { account, name } = reference;
      if (name.length > nameLengthMax) {
        throw invalidParameterValue(
          `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${nameLengthMax}`,
          { field: 'FunctionName' },
        );
      }
      const exists = resourceConflict(`Function already exist: ${name}`);
      if (parts.registry.get(account, name) !== undefined) throw exists;
      if (input.PackageType === 'Image') throw notHere('PackageType Image', 'functions are made of zips.');
      const { Tags: tags = {} } = input;
      checkTags(tags);
      const configuration = await changedSettings(parts, context, input, newSettings(input), name);
      const bundle = await addCode(parts, context, input.Code ?? {});
      const record = await putFunction(
        parts,
        reference,
        { ...configuration, bundle },
        {
          tags,
          check: (before) => {
            if (before !== undefined) throw exists;
          },
        },
      );
      const version = input.Publish === true ? await publishPut(parts, record) : record.latest;
      const shown = await shownEnvironment(parts, context, version);
      const answer = functionConfiguration(parts, { version, state: { status: 'creating' }, ...shown });
      return { ...answer, FunctionArn: reference.arn };
    },
  };
}
