import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { FunctionVersion } from '../../registry/function.ts';
import { latestVersion } from '../../util/ids.ts';
import { functionConfiguration } from './function-configuration.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** In lists, Lambda says nothing of states. `latestAs`: how the ARN of $LATEST ends. */
export function listedConfiguration(
  parts: Pick<LambdaParts, 'registry' | 'architecture'>,
  version: FunctionVersion,
  latestAs: string | undefined,
): FunctionConfiguration {
  const qualifier = version.version === latestVersion ? latestAs : undefined;
  const {
    State: _state,
    LastUpdateStatus: _update,
    ...listed
  } = functionConfiguration(parts, {
    version,
    state: { status: 'active' },
    qualifier,
  });
  return listed;
}

/** Tells a function's versions apart. */
export const versionKey = ({ version }: FunctionVersion): string => version;
