/** An alias as Lambda names it, and what may be wrong with one. https://docs.aws.amazon.com/lambda/latest/api/API_AliasConfiguration.html */
import type { AliasConfiguration, AliasRoutingConfiguration } from '@aws-sdk/client-lambda';
import type { Alias } from '../../registry/function.ts';
import { latestVersion, type VersionId } from '../../util/ids.ts';
import type { FunctionReference } from './function-reference.ts';
import { functionNotFound, invalidParameterValue, resourceNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

export function aliasConfiguration({ arn }: FunctionReference, alias: Alias): AliasConfiguration {
  return {
    AliasArn: `${arn}:${alias.name}`,
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description ?? '',
    ...(Object.keys(alias.weights).length === 0
      ? {}
      : { RoutingConfig: { AdditionalVersionWeights: { ...alias.weights } } }),
    RevisionId: alias.revisionId,
  };
}

export function aliasNotFound({ arn }: FunctionReference, name: string): Error {
  return resourceNotFound(`Cannot find alias arn: ${arn}:${name}`);
}

/** The shares of further versions. Errors: InvalidParameterValueException. */
export function weightsOf(version: string, routing: AliasRoutingConfiguration | undefined): Record<VersionId, number> {
  const weights: Readonly<Record<string, number>> = routing?.AdditionalVersionWeights ?? {};
  const [further, ...others] = Object.keys(weights);
  if (others.length > 0) {
    throw invalidParameterValue('Number of items in AdditionalVersionWeights cannot be greater than 1', {
      field: 'RoutingConfig',
    });
  }
  if (further !== undefined && version === latestVersion) {
    throw invalidParameterValue('$LATEST is not supported for an alias pointing to more than 1 version', {
      field: 'FunctionVersion',
    });
  }
  if (further === version) {
    throw invalidParameterValue(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
      { field: 'RoutingConfig' },
    );
  }
  return { ...weights };
}

/** Each version that an alias is to point to must be there. Errors: ResourceNotFoundException. */
export async function checkVersions(
  { registry }: LambdaParts,
  { account, name, arn }: FunctionReference,
  versions: readonly string[],
): Promise<void> {
  for (const version of versions) {
    if ((await registry.version(account, name, version as VersionId)) === undefined) {
      throw functionNotFound(`${arn}:${version}`);
    }
  }
}
