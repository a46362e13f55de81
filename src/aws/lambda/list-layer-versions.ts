import type { ListLayerVersionsRequest, ListLayerVersionsResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { isCompatible, listedLayerVersion } from './layer-answer.ts';
import { layerReference } from './layer-reference.ts';
import { isUsable } from '../../identity/usable-layer.ts';
import { pageOf } from './page.ts';

/** Newest first; none of a layer that is not there. https://docs.aws.amazon.com/lambda/latest/api/API_ListLayerVersions.html */
export function listLayerVersions({ layers }: Pick<LambdaParts, 'layers'>): OperationEntry {
  return {
    access: (context, input: ListLayerVersionsRequest) => [
      { action: 'lambda:ListLayerVersions', resource: layerReference(context, input.LayerName).arn },
    ],
    run(context: AwsContext, input: ListLayerVersionsRequest): Promise<ListLayerVersionsResponse> {
      const { account, name } = layerReference(context, input.LayerName);
      const fitting = layers
        .versions(account, name)
        .filter((version) => isUsable(version, context.account) && isCompatible(version, input));
      const { items, ...marker } = pageOf(fitting, input, ({ version }) => String(version));
      return Promise.resolve({ LayerVersions: items.map(listedLayerVersion), ...marker });
    },
  };
}
