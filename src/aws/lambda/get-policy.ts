import type { GetPolicyRequest, GetPolicyResponse } from '@aws-sdk/client-lambda';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingPolicy } from './function-policy.ts';
import { existingFunction, functionAccess, functionReference } from './function-reference.ts';
import { resourceNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { writePolicy, writeStatement } from './policy-statement.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html */
export function getPolicy({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: functionAccess('lambda:GetPolicy'),
    async run(context: AwsContext, input: GetPolicyRequest): Promise<GetPolicyResponse> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      existingFunction(registry, { ...reference, qualifiedArn: reference.arn });
      // Lambda does not tell a version that is not there from one without a policy.
      const policy = await existingPolicy(registry, reference).catch((cause: unknown) => {
        if (!(cause instanceof PlatformError) || cause.code !== 'not_found') throw cause;
        return undefined;
      });
      if (policy === undefined || policy.statements.length === 0) {
        throw resourceNotFound('The resource you requested does not exist.');
      }
      return {
        Policy: writePolicy(policy.statements.map((one) => writeStatement(one, reference.qualifiedArn))),
        RevisionId: policy.revisionId,
      };
    },
  };
}
