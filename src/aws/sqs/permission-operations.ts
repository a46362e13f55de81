/** AddPermission and RemovePermission: statements of a queue's policy, by label. */
import type { AddPermissionRequest, RemovePermissionRequest } from '@aws-sdk/client-sqs';
import { accountRoot } from '../../identity/principal-element.ts';
import type { Queues } from '../../resources/queue.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { policyText, readPolicy } from './queue-policy.ts';
import { accessTo, invalid, missing, queueArn, ownQueueAt } from './queue-url.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html */
const actionsMax = 7;
/** What others than the owner may be let do (same page). */
const grantable: ReadonlySet<string> = new Set([
  '*',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
]);

export function addPermission(queues: Queues): OperationEntry {
  return {
    access: (context, input: AddPermissionRequest) => accessTo(context, 'AddPermission', input.QueueUrl),
    async run(context: AwsContext, input: AddPermissionRequest) {
      const queue = ownQueueAt(queues, context, input.QueueUrl);
      const { Label = '', Actions: actions = [], AWSAccountIds: accounts = [] } = input;
      if (!/^[A-Za-z0-9_-]{1,80}$/.test(Label))
        throw invalid('Label', Label, 'Must be 1 to 80 alphanumeric characters, hyphens or underscores.');
      if (actions.length === 0) throw missing('Actions');
      if (actions.length > actionsMax) {
        const message = `${actions.length} Actions were found, maximum allowed is ${actionsMax}.`;
        throw new PlatformError('throttled', message, { reason: 'OverLimit', field: 'Actions' });
      }
      const refused = actions.find((action) => !grantable.has(action));
      if (refused !== undefined)
        throw invalid('ActionName', `SQS:${refused}`, 'Only the queue owner is allowed to invoke this action.');
      if (accounts.length === 0 || accounts.some((account) => !/^\d{12}$/.test(account)))
        throw invalid('PrincipalId', `[${accounts.join(', ')}]`, 'Unable to verify.');
      const arn = queueArn(context, queue);
      const statement = {
        Sid: Label,
        Effect: 'Allow',
        Principal: { AWS: oneOrAll(accounts.map(accountRoot)) },
        Action: oneOrAll(actions.map((action) => `SQS:${action}`)),
        Resource: arn,
      };
      await queues.update(queue.account, queue.name, ({ policy: present }) => {
        const policy = readPolicy(present, `${arn}/SQSDefaultPolicy`);
        if (policy.statements.some(({ Sid }) => Sid === Label)) throw invalid('Label', Label, 'Already exists.');
        return { policy: policyText({ ...policy, statements: [...policy.statements, statement] }) };
      });
      return {};
    },
  };
}

export function removePermission(queues: Queues): OperationEntry {
  return {
    access: (context, input: RemovePermissionRequest) => accessTo(context, 'RemovePermission', input.QueueUrl),
    async run(context: AwsContext, input: RemovePermissionRequest) {
      const queue = ownQueueAt(queues, context, input.QueueUrl);
      await queues.update(queue.account, queue.name, ({ policy: present }) => {
        const policy = readPolicy(present, '');
        const statements = policy.statements.filter(({ Sid }) => Sid !== input.Label);
        if (statements.length === policy.statements.length)
          throw invalid('Label', input.Label, "can't find label on existing policy.");
        return { policy: policyText({ ...policy, statements }) };
      });
      return {};
    },
  };
}

const oneOrAll = (texts: readonly string[]): string | readonly string[] =>
  texts.length === 1 ? (texts[0] ?? '') : texts;
