import type { AddLayerVersionPermissionRequest, AddLayerVersionPermissionResponse } from '@aws-sdk/client-lambda';
import type { LayerStatement } from '../../registry/layers.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { checkLayerRevision, writeLayerStatement } from './layer-policy.ts';
import { layerVersionAccess, ownLayerVersion } from './layer-reference.ts';
import { checkNewId, checkPolicySize } from './policy-statement.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html */
export function addLayerVersionPermission({ layers }: Pick<LambdaParts, 'layers'>): OperationEntry {
  return {
    access: layerVersionAccess('lambda:AddLayerVersionPermission'),
    async run(
      context: AwsContext,
      input: AddLayerVersionPermissionRequest,
    ): Promise<AddLayerVersionPermissionResponse> {
      const { account, name, version } = ownLayerVersion(layers, context, input);
      const { StatementId: id = '', Principal: principal = '', OrganizationId, RevisionId } = input;
      const statement: LayerStatement = {
        id,
        principal,
        ...(OrganizationId === undefined ? {} : { organizationId: OrganizationId }),
      };
      const edited = await layers.editStatements(account, name, version, (present) => {
        checkLayerRevision(RevisionId, present);
        checkNewId(present.statements, id);
        const statements = [...present.statements, statement];
        checkPolicySize(statements.map((one) => writeLayerStatement(one, present)));
        return statements;
      });
      return { Statement: JSON.stringify(writeLayerStatement(statement, edited)), RevisionId: edited.revisionId };
    },
  };
}
