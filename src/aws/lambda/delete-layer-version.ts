import type { DeleteLayerVersionRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { layerReference, layerVersionAccess, notShared, versionNumber } from './layer-reference.ts';

/** Functions that use it go on. There may be none. https://docs.aws.amazon.com/lambda/latest/api/API_DeleteLayerVersion.html */
export function deleteLayerVersion({ layers }: Pick<LambdaParts, 'layers'>): OperationEntry {
  return {
    access: layerVersionAccess('lambda:DeleteLayerVersion'),
    async run(context: AwsContext, input: DeleteLayerVersionRequest): Promise<object> {
      const { account, name, arn } = layerReference(context, input.LayerName);
      const number = versionNumber(input.VersionNumber);
      if (account !== context.account) throw notShared(context, `${arn}:${number}`);
      await layers.delete(account, name, number);
      return {};
    },
  };
}
