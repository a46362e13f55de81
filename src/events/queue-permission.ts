import { createDocumentReader, decide } from '../identity/policy-document.ts';
import type { Queues } from '../resources/queue.ts';
import type { AccountId } from '../util/ids.ts';
import type { OnBehalf, Permission } from './function-permission.ts';

/** Whether a service may put messages into a queue. */
export type QueuePermission = (account: AccountId, name: string, asker: OnBehalf) => Permission;

/**
 * What a deployment made is granted to its own account by the deployment; of a queue of somebody's own, and for senders of
 * other accounts, its policy is asked.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html
 */
export function queuePermission(queues: Pick<Queues, 'get'>, region: string): QueuePermission {
  const documentOf = createDocumentReader();
  return (account, name, asker) => {
    const queue = queues.get(account, name);
    if (queue === undefined) return 'missing';
    if (queue.application !== undefined && asker.sourceAccount === account) return 'allowed';
    const document = documentOf(queue.settings);
    if (document === undefined) return 'not_allowed';
    return decide(document, {
      action: 'sqs:SendMessage',
      resource: `arn:aws:sqs:${region}:${account}:${name}`,
      asker: { kind: 'service', ...asker },
    });
  };
}
