import type { GetResourcePolicyRequest, GetResourcePolicyResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingPolicy, resourceAccess } from './function-policy.ts';
import { functionReference } from './function-reference.ts';
import { resourceNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { writePolicy, writeStatement } from './policy-statement.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetResourcePolicy.html */
export function getResourcePolicy({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: resourceAccess('lambda:GetResourcePolicy'),
    async run(context: AwsContext, input: GetResourcePolicyRequest): Promise<GetResourcePolicyResponse> {
      const reference = functionReference(context, input.ResourceArn);
      const { statements, revisionId } = await existingPolicy(registry, reference);
      if (statements.length === 0) throw resourceNotFound('The resource you requested does not exist.');
      return {
        Policy: writePolicy(statements.map((one) => writeStatement(one, reference.qualifiedArn))),
        RevisionId: revisionId,
      };
    },
  };
}
