import type { PutRuntimeManagementConfigRequest, PutRuntimeManagementConfigResponse } from '@aws-sdk/client-lambda';
import type { FunctionVersion, RuntimeManagement } from '../../registry/function.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingVersion, functionAccess, functionReference } from './function-reference.ts';
import { invalidParameterValue } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { managementAnswer } from './runtime-management.ts';
import { runtimeVersionId } from './runtime-version-arn.ts';

/**
 * When a version gets newer patch releases of its runtime. A version without a setting of its own has that of `$LATEST`.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PutRuntimeManagementConfig.html
 */
export function putRuntimeManagementConfig(parts: LambdaParts): OperationEntry {
  const { registry, region } = parts;
  return {
    access: functionAccess('lambda:PutRuntimeManagementConfig'),
    async run(
      context: AwsContext,
      input: PutRuntimeManagementConfigRequest,
    ): Promise<PutRuntimeManagementConfigResponse> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const { version } = await existingVersion(registry, reference);
      const management = await managementOf(parts, version, input);
      await registry.edit(reference.account, reference.name, ({ extras }) => ({
        ...extras,
        runtimeManagement: { ...extras.runtimeManagement, [version.version]: management },
      }));
      return { FunctionArn: `${version.arn}:${version.version}`, ...managementAnswer(management, region) };
    },
  };
}

async function managementOf(
  { clock, region, releases }: LambdaParts,
  { settings }: FunctionVersion,
  { UpdateRuntimeOn, RuntimeVersionArn }: PutRuntimeManagementConfigRequest,
): Promise<RuntimeManagement> {
  const sinceMs = clock.now();
  if (UpdateRuntimeOn !== 'Manual') {
    if (RuntimeVersionArn !== undefined) {
      throw invalidParameterValue('RuntimeVersionArn can only be provided when UpdateRuntimeOn is set to Manual.', {
        field: 'RuntimeVersionArn',
      });
    }
    return { mode: UpdateRuntimeOn === 'FunctionUpdate' ? 'function_update' : 'auto', sinceMs };
  }
  if (RuntimeVersionArn === undefined) {
    throw invalidParameterValue('RuntimeVersionArn is required when UpdateRuntimeOn is set to Manual.', {
      field: 'RuntimeVersionArn',
    });
  }
  const runtimeVersion = runtimeVersionId(region, RuntimeVersionArn);
  if (runtimeVersion === undefined || !(await releases.pin(settings.runtime, runtimeVersion))) {
    throw invalidParameterValue(
      `Invalid Runtime Version ARN: ${RuntimeVersionArn} is not a version of ${settings.runtime} that is available here.`,
      { field: 'RuntimeVersionArn' },
    );
  }
  return { mode: 'manual', runtimeVersion, sinceMs };
}
