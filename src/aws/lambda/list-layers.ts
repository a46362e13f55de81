import type { LayersListItem, ListLayersRequest, ListLayersResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { isCompatible, layerArnOf, listedLayerVersion } from './layer-answer.ts';
import { pageOf } from './page.ts';

/** Each with the newest of its versions that fit. https://docs.aws.amazon.com/lambda/latest/api/API_ListLayers.html */
export function listLayers({ layers }: Pick<LambdaParts, 'layers'>): OperationEntry {
  return {
    access: () => [{ action: 'lambda:ListLayers', resource: '*' }],
    run({ account }: AwsContext, input: ListLayersRequest): Promise<ListLayersResponse> {
      const fitting = layers.names(account).flatMap((name): LayersListItem[] => {
        const latest = layers.versions(account, name).find((version) => isCompatible(version, input));
        if (latest === undefined) return [];
        return [{ LayerName: name, LayerArn: layerArnOf(latest), LatestMatchingVersion: listedLayerVersion(latest) }];
      });
      const { items, ...marker } = pageOf(fitting, input, ({ LayerName = '' }) => LayerName);
      return Promise.resolve({ Layers: [...items], ...marker });
    },
  };
}
