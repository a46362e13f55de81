import type { GetRuntimeManagementConfigRequest, GetRuntimeManagementConfigResponse } from '@aws-sdk/client-lambda';
import { runtimeManagementOf } from '../../runners/decide-runtime.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingVersion, functionAccess, functionReference } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { managementAnswer } from './runtime-management.ts';

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
