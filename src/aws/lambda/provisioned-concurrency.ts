/** Provisioned concurrency of one version or alias, as Lambda names it. https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html */
import type { GetProvisionedConcurrencyConfigResponse } from '@aws-sdk/client-lambda';
import type { FunctionRecord, ProvisionedConcurrency } from '../../registry/function.ts';
import { provisionedVersions } from '../../registry/provisioned-versions.ts';
import { PlatformError } from '../../util/errors.ts';
import { latestVersion, type AccountId, type RequestId, type VersionId } from '../../util/ids.ts';
import { lambdaTime } from './function-configuration.ts';
import { existingFunction, type FunctionReference } from './function-reference.ts';
import { functionNotFound, invalidParameterValue, resourceNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

export type ProvisionedParts = Pick<LambdaParts, 'registry' | 'provided' | 'inTurn' | 'clock' | 'ids'>;

/** What is divided in turn, reserved and provisioned: each function's share is checked against all others. */
export const concurrencyOf = (account: AccountId): string => `concurrency of ${account}`;

/** The function, whose version or alias the qualifier names. Errors: InvalidParameterValueException, ResourceNotFoundException. */
export async function provisionableFunction(
  { registry }: Pick<LambdaParts, 'registry'>,
  reference: FunctionReference,
): Promise<{ record: FunctionRecord; qualifier: string }> {
  const { qualifier = latestVersion, account, name, arn } = reference;
  if (qualifier === latestVersion) {
    throw invalidParameterValue('The function resource provided must be an alias or a published version.', {
      field: 'Qualifier',
    });
  }
  const record = existingFunction(registry, reference);
  if (Object.hasOwn(record.aliases, qualifier)) return { record, qualifier };
  if ((await registry.version(account, name, qualifier as VersionId)) !== undefined) return { record, qualifier };
  const isNumber = /^\d+$/.test(qualifier);
  throw isNumber
    ? functionNotFound(`${arn}:${qualifier}`)
    : resourceNotFound(`Cannot find alias arn: ${arn}:${qualifier}`);
}

export function noneProvisioned(): PlatformError {
  return new PlatformError('not_found', 'No Provisioned Concurrency Config found for this function', {
    reason: 'ProvisionedConcurrencyConfigNotFoundException',
  });
}

/** How it stands now: what is initialised is counted, not remembered. */
export function provisionedStatus(
  { registry, provided, ids }: ProvisionedParts,
  record: FunctionRecord,
  qualifier: string,
  { count, modifiedMs }: ProvisionedConcurrency,
): GetProvisionedConcurrencyConfigResponse {
  let available = 0;
  let failure: string | undefined;
  for (const [version, share] of provisionedVersions(record, qualifier)) {
    const resolved = registry.resolve(record.account, record.name, version, ids.uuid() as RequestId);
    if (resolved === undefined) continue;
    const state = provided(resolved);
    available += Math.min(share, state.ready);
    if (state.ready < share) failure ??= state.failure;
  }
  const isReady = available >= count;
  return {
    RequestedProvisionedConcurrentExecutions: count,
    AvailableProvisionedConcurrentExecutions: available,
    AllocatedProvisionedConcurrentExecutions: available,
    Status: isReady ? 'READY' : failure === undefined ? 'IN_PROGRESS' : 'FAILED',
    ...(failure === undefined || isReady ? {} : { StatusReason: failure }),
    LastModified: lambdaTime(modifiedMs),
  };
}
