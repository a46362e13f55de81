/** A version of a layer as Lambda describes it. https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersion.html */
import type { GetLayerVersionResponse, LayerVersionsListItem } from '@aws-sdk/client-lambda';
import type { LayerVersion } from '../../registry/layers.ts';
import type { AwsContext } from '../service.ts';
import { codeSha256, lambdaTime } from './function-configuration.ts';
import type { LambdaParts } from './lambda-parts.ts';

export function listedLayerVersion(version: LayerVersion): LayerVersionsListItem {
  return {
    LayerVersionArn: version.arn,
    Version: version.version,
    Description: version.description ?? '',
    CreatedDate: lambdaTime(version.createdMs),
    ...(version.runtimes === undefined
      ? {}
      : { CompatibleRuntimes: version.runtimes as NonNullable<LayerVersionsListItem['CompatibleRuntimes']> }),
    ...(version.license === undefined ? {} : { LicenseInfo: version.license }),
    ...(version.architectures === undefined ? {} : { CompatibleArchitectures: [...version.architectures] }),
  };
}

export function layerVersionAnswer(
  { codeLocation }: Pick<LambdaParts, 'codeLocation'>,
  { endpoint }: Pick<AwsContext, 'endpoint'>,
  version: LayerVersion,
): GetLayerVersionResponse {
  return {
    ...listedLayerVersion(version),
    LayerArn: layerArnOf(version),
    Content: {
      Location: codeLocation(endpoint, version.bundle),
      CodeSha256: codeSha256(version.bundle),
      CodeSize: version.zipBytes,
    },
  };
}

/** Without the number. */
export const layerArnOf = ({ arn }: LayerVersion): string => arn.slice(0, arn.lastIndexOf(':'));

/** What a list asks for; a version that names no runtimes or architectures is for none in particular, and in no such list. */
export function isCompatible(
  version: LayerVersion,
  wanted: { CompatibleRuntime?: string | undefined; CompatibleArchitecture?: string | undefined },
): boolean {
  const { CompatibleRuntime: runtime, CompatibleArchitecture: architecture } = wanted;
  return (
    (runtime === undefined || version.runtimes?.includes(runtime) === true) &&
    (architecture === undefined || version.architectures?.some((one) => one === architecture) === true)
  );
}
