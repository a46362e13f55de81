import type { RemoveLayerVersionPermissionRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { checkLayerRevision } from './layer-policy.ts';
import { layerVersionAccess, ownLayerVersion } from './layer-reference.ts';
import { withoutStatement } from './policy-statement.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_RemoveLayerVersionPermission.html */
export function removeLayerVersionPermission({ layers }: Pick<LambdaParts, 'layers'>): OperationEntry {
  return {
    access: layerVersionAccess('lambda:RemoveLayerVersionPermission'),
    async run(context: AwsContext, input: RemoveLayerVersionPermissionRequest): Promise<object> {
      const { account, name, version } = ownLayerVersion(layers, context, input);
      await layers.editStatements(account, name, version, (present) => {
        checkLayerRevision(input.RevisionId, present);
        return withoutStatement(present.statements, input.StatementId ?? '');
      });
      return {};
    },
  };
}
