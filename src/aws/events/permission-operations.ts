import type { PutPermissionRequest, RemovePermissionRequest } from '@aws-sdk/client-eventbridge';
import { parsePolicyDocument } from '../../identity/policy-document.ts';
import { PlatformError, messageOf } from '../../util/errors.ts';
import { isObject } from '../../util/field.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { invalid, invalidParameter } from './events-errors.ts';
import type { EventsParts } from './events-parts.ts';
import { busArn, busName, onBus } from './reference.ts';

type Statement = Readonly<Record<string, unknown>>;

/** Characters. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const policyLengthMax = 10_240;

export const putPermission = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: PutPermissionRequest) => onBus(context, 'PutPermission', input.EventBusName),
  async run(context: AwsContext, input: PutPermissionRequest): Promise<object> {
    await buses.updateBus(context.account, busName(context, input.EventBusName), (bus) => {
      const policy = input.Policy ?? withStatement(context, bus, input);
      if (policy.length > policyLengthMax)
        throw new PlatformError('too_large', `A policy has at most ${policyLengthMax} characters.`, {
          reason: 'PolicyLengthExceededException',
        });
      try {
        parsePolicyDocument(policy);
      } catch (error) {
        throw invalidParameter('Policy', messageOf(error));
      }
      return { policy };
    });
    return {};
  },
});

export const removePermission = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: RemovePermissionRequest) => onBus(context, 'RemovePermission', input.EventBusName),
  async run(context: AwsContext, input: RemovePermissionRequest): Promise<object> {
    await buses.updateBus(context.account, busName(context, input.EventBusName), ({ policy }) => {
      const { StatementId: id, RemoveAllPermissions: all = false } = input;
      if (!all && id === undefined) throw invalid('Parameter StatementId must be specified.', 'StatementId');
      const statements = statementsOf(policy);
      const left = all ? [] : statements.filter(({ Sid }) => Sid !== id);
      if (!all && left.length === statements.length) {
        throw new PlatformError(
          'not_found',
          policy === undefined ? 'EventBus does not have a policy.' : 'Statement with the provided id does not exist.',
          { reason: 'ResourceNotFoundException' },
        );
      }
      return left.length === 0 ? ({ policy: undefined } as object) : { policy: documentOf(left) };
    });
    return {};
  },
});

function withStatement(
  context: AwsContext,
  bus: { account: AwsContext['account']; name: string; policy?: string },
  input: PutPermissionRequest,
): string {
  const { Action: action = 'events:PutEvents', Principal: principal, StatementId: id, Condition: condition } = input;
  if (principal === undefined || id === undefined)
    throw invalid('Parameters Action, Principal and StatementId must be specified, or Policy instead.');
  if (action !== 'events:PutEvents') throw invalid("Provided value in parameter 'action' is not supported.", 'Action');
  if (condition !== undefined)
    throw invalidParameter(
      'Condition',
      'Nobody here belongs to an organization, so no such condition would let in anybody.',
    );
  const statement = {
    Sid: id,
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { AWS: `arn:aws:iam::${principal}:root` },
    Action: action,
    Resource: busArn(context, bus),
  };
  return documentOf([...statementsOf(bus.policy).filter(({ Sid }) => Sid !== id), statement]);
}

const documentOf = (statements: readonly Statement[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

/** Of a document that has been accepted. */
function statementsOf(policy: string | undefined): Statement[] {
  const parsed: unknown = policy === undefined ? {} : JSON.parse(policy);
  const { Statement: statements = [] } = isObject(parsed) ? parsed : {};
  return (Array.isArray(statements) ? statements : [statements]).filter(isObject);
}
