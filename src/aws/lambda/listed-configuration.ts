import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { FunctionVersion } from '../../registry/function.ts';
import { latestVersion } from '../../util/ids.ts';
import type { AwsContext } from '../service.ts';
import { shownEnvironment } from './environment-key.ts';
import { functionConfiguration } from './function-configuration.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** In lists, Lambda says nothing of states, nor of runtimes' versions. `latestAs`: how the ARN of $LATEST ends. */
export async function listedConfiguration(
  parts: Parameters<typeof functionConfiguration>[0] & Pick<LambdaParts, 'environmentKeys'>,
  context: AwsContext,
  version: FunctionVersion,
  latestAs: string | undefined,
): Promise<FunctionConfiguration> {
  const qualifier = version.version === latestVersion ? latestAs : undefined;
  const {
    State: _state,
    LastUpdateStatus: _update,
    RuntimeVersionConfig: _runtimeVersion,
    ...listed
  } = functionConfiguration(parts, {
    version,
    state: { status: 'active' },
    ...(await shownEnvironment(parts, context, version)),
    qualifier,
  });
  return listed;
}

/** Tells a function's versions apart. */
export const versionKey = ({ version }: FunctionVersion): string => version;
