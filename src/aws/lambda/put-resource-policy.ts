import type { PutResourcePolicyRequest, PutResourcePolicyResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingPolicy, resourceAccess, writeFunctionPolicy } from './function-policy.ts';
import { functionReference } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { checkPolicySize, writePolicy, writeStatement } from './policy-statement.ts';
import { readPolicy } from './read-policy.ts';

/** In the place of the one that is there. https://docs.aws.amazon.com/lambda/latest/api/API_PutResourcePolicy.html */
export function putResourcePolicy({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: resourceAccess('lambda:PutResourcePolicy'),
    async run(context: AwsContext, input: PutResourcePolicyRequest): Promise<PutResourcePolicyResponse> {
      const reference = functionReference(context, input.ResourceArn);
      const policy = await existingPolicy(registry, reference);
      const statements = readPolicy(input.Policy ?? '', reference.qualifiedArn);
      const written = statements.map((one) => writeStatement(one, reference.qualifiedArn));
      checkPolicySize(written);
      const { key } = policy;
      await writeFunctionPolicy(registry, reference, { key, wantedRevision: input.RevisionId }, () => statements);
      const { revisionId } = await existingPolicy(registry, reference);
      return { Policy: writePolicy(written), RevisionId: revisionId };
    },
  };
}
