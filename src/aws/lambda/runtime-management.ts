/** When a version gets newer releases of its runtime, as Lambda names it. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html */
import type { UpdateRuntimeOn } from '@aws-sdk/client-lambda';
import type { RuntimeManagement } from '../../registry/function.ts';
import { never } from '../../util/assert.ts';
import { runtimeVersionArn } from './runtime-version-arn.ts';

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
