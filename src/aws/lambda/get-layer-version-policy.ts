import type { GetLayerVersionPolicyRequest, GetLayerVersionPolicyResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { resourceNotFound } from './lambda-errors.ts';
import { writeLayerStatement } from './layer-policy.ts';
import { layerVersionAccess, ownLayerVersion } from './layer-reference.ts';
import { writePolicy } from './policy-statement.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionPolicy.html */
export function getLayerVersionPolicy({ layers }: Pick<LambdaParts, 'layers'>): OperationEntry {
  return {
    access: layerVersionAccess('lambda:GetLayerVersionPolicy'),
    run(context: AwsContext, input: GetLayerVersionPolicyRequest): Promise<GetLayerVersionPolicyResponse> {
      const version = ownLayerVersion(layers, context, input);
      if (version.statements.length === 0) throw resourceNotFound('No policy is associated with the given resource.');
      return Promise.resolve({
        Policy: writePolicy(version.statements.map((one) => writeLayerStatement(one, version))),
        RevisionId: version.revisionId,
      });
    },
  };
}
