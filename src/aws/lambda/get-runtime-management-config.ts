import type {
  GetRuntimeManagementConfigRequest,
  GetRuntimeManagementConfigResponse,
  UpdateRuntimeOn,
} from '@aws-sdk/client-lambda';
import type { RuntimeManagement } from '../../registry/function.ts';
import { runtimeManagementOf } from '../../runners/decide-runtime.ts';
import { never } from '../../util/assert.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingVersion, functionAccess, functionReference } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { runtimeVersionArn } from './runtime-version-arn.ts';

export function getRuntimeManagementConfig({ registry, region }: LambdaParts): OperationEntry {
  return {
    access: functionAccess('lambda:GetRuntimeManagementConfig'),
    async run(
      context: AwsContext,
      input: GetRuntimeManagementConfigRequest,
    ): Promise<GetRuntimeManagementConfigResponse> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const { record, version } = await existingVersion(registry, reference);
      return {
        FunctionArn: `${version.arn}:${version.version}`,
        ...managementAnswer(runtimeManagementOf(record, version.version), region),
      };
    },
  };
}

/** The version's ARN is only said of who stays with it. */
export function managementAnswer(
  { mode, runtimeVersion }: RuntimeManagement,
  region: string,
): { UpdateRuntimeOn: UpdateRuntimeOn; RuntimeVersionArn?: string } {
  switch (mode) {
    case 'auto':
      return { UpdateRuntimeOn: 'Auto' };
    case 'function_update':
      return { UpdateRuntimeOn: 'FunctionUpdate' };
    case 'manual':
      return {
        UpdateRuntimeOn: 'Manual',
        ...(runtimeVersion === undefined ? {} : { RuntimeVersionArn: runtimeVersionArn(region, runtimeVersion) }),
      };
    default:
      return never(mode);
  }
}
