import type { GetLayerVersionRequest, GetLayerVersionResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { layerVersionAnswer } from './layer-answer.ts';
import { layerReference, layerVersionAccess, usableLayerVersion, versionNumber } from './layer-reference.ts';

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
