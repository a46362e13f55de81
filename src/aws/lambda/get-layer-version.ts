import type { GetLayerVersionRequest, GetLayerVersionResponse } from '@aws-sdk/client-lambda';
import type { LayerVersion } from '../../registry/layers.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { resourceNotFound } from './lambda-errors.ts';
import { layerVersionAnswer } from './layer-answer.ts';
import { isUsable, layerReference, layerVersionAccess, notShared, versionNumber } from './layer-reference.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersion.html */
export function getLayerVersion(parts: LambdaParts): OperationEntry {
  return {
    access: layerVersionAccess('lambda:GetLayerVersion'),
    run(context: AwsContext, input: GetLayerVersionRequest): Promise<GetLayerVersionResponse> {
      const { account, name, arn } = layerReference(context, input.LayerName);
      const number = versionNumber(input.VersionNumber);
      const version = usableLayerVersion(context, parts.layers.get(account, name, number), `${arn}:${number}`);
      return Promise.resolve(layerVersionAnswer(parts, context, version));
    },
  };
}

/** `found`, which lies at `arn`. Errors: ResourceNotFoundException, and AccessDeniedException for what is another account's. */
export function usableLayerVersion(
  context: Pick<AwsContext, 'account' | 'principal'>,
  found: LayerVersion | undefined,
  arn: string,
): LayerVersion {
  if (found !== undefined && isUsable(found, context.account)) return found;
  if (arn.split(':')[4] !== context.account) throw notShared(context, arn);
  throw resourceNotFound('The resource you requested does not exist.');
}
