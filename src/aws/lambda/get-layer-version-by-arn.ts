import type { GetLayerVersionByArnRequest, GetLayerVersionResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { layerVersionAnswer } from './layer-answer.ts';
import { usableLayerVersion } from './layer-reference.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionByArn.html */
export function getLayerVersionByArn(parts: LambdaParts): OperationEntry {
  return {
    access: (_context, { Arn = '' }: GetLayerVersionByArnRequest) => [
      { action: 'lambda:GetLayerVersion', resource: Arn },
    ],
    run(context: AwsContext, { Arn = '' }: GetLayerVersionByArnRequest): Promise<GetLayerVersionResponse> {
      const version = usableLayerVersion(context, parts.layers.byArn(Arn), Arn);
      return Promise.resolve(layerVersionAnswer(parts, context, version));
    },
  };
}
