import type { AddPermissionRequest, AddPermissionResponse } from '@aws-sdk/client-lambda';
import type { ResourceStatement } from '../../registry/function.ts';
import { latestVersion } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingPolicy, writeFunctionPolicy } from './function-policy.ts';
import { functionAccess, functionReference } from './function-reference.ts';
import { invalidParameterValue } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { checkNewId, checkPolicySize, writePrincipal, writeStatement } from './policy-statement.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html */
export function addPermission({ registry }: Pick<LambdaParts, 'registry'>): OperationEntry {
  return {
    access: functionAccess('lambda:AddPermission'),
    async run(context: AwsContext, input: AddPermissionRequest): Promise<AddPermissionResponse> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const { key } = await existingPolicy(registry, reference);
      if (reference.qualifier === latestVersion) {
        throw invalidParameterValue('We currently do not support adding policies for $LATEST.', { field: 'Qualifier' });
      }
      const statement = statementOf(input);
      await writeFunctionPolicy(registry, reference, { key, wantedRevision: input.RevisionId }, (present) => {
        checkNewId(present, statement.id);
        const statements = [...present, statement];
        checkPolicySize(statements.map((one) => writeStatement(one, reference.qualifiedArn)));
        return statements;
      });
      return { Statement: JSON.stringify(writeStatement(statement, reference.qualifiedArn)) };
    },
  };
}

function statementOf(input: AddPermissionRequest): ResourceStatement {
  const { StatementId: id = '', Action: action = '', Principal: principal = '', FunctionUrlAuthType } = input;
  if (writePrincipal(principal) === undefined) {
    throw invalidParameterValue('The provided principal was invalid. Please check the principal and try again.', {
      field: 'Principal',
    });
  }
  if (FunctionUrlAuthType !== undefined && action !== 'lambda:InvokeFunctionUrl') {
    throw invalidParameterValue('FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action', {
      field: 'FunctionUrlAuthType',
    });
  }
  if (input.InvokedViaFunctionUrl !== undefined && action !== 'lambda:InvokeFunction') {
    throw invalidParameterValue('InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action', {
      field: 'InvokedViaFunctionUrl',
    });
  }
  return {
    id,
    principal,
    action,
    ...(input.SourceArn === undefined ? {} : { sourceArn: input.SourceArn }),
    ...(input.SourceAccount === undefined ? {} : { sourceAccount: input.SourceAccount }),
    ...(input.PrincipalOrgID === undefined ? {} : { principalOrgId: input.PrincipalOrgID }),
    ...(input.EventSourceToken === undefined ? {} : { eventSourceToken: input.EventSourceToken }),
    ...(FunctionUrlAuthType === undefined ? {} : { functionUrlAuth: FunctionUrlAuthType === 'NONE' ? 'none' : 'iam' }),
    ...(input.InvokedViaFunctionUrl === undefined ? {} : { viaUrl: input.InvokedViaFunctionUrl }),
  };
}
