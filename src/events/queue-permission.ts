import { decide, parsePolicyDocument, type PolicyDocument } from '../identity/policy-document.ts';
import type { Queues } from '../resources/queue.ts';
import type { AccountId } from '../util/ids.ts';
import type { OnBehalf, Permission } from './function-permission.ts';

/** Whether a service may put messages into a queue. */
export type QueuePermission = (account: AccountId, name: string, asker: OnBehalf) => Permission;

/**
 * What a deployment made is granted by the deployment; a queue of somebody's own says in its policy who may send.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html
 */
export function queuePermission(queues: Pick<Queues, 'get'>, region: string): QueuePermission {
  /** By the settings that they are in, of which each change makes new ones. */
  const parsed = new WeakMap<object, PolicyDocument>();
  return (account, name, asker) => {
    const queue = queues.get(account, name);
    if (queue === undefined) return 'missing';
    if (queue.application !== undefined) return 'allowed';
    const { settings } = queue;
    const policy = 'policy' in settings ? settings.policy : undefined;
    if (typeof policy !== 'string') return 'not_allowed';
    const document = parsed.get(settings) ?? parsePolicyDocument(policy);
    parsed.set(settings, document);
    const decision = decide(document, {
      action: 'sqs:SendMessage',
      resource: `arn:aws:sqs:${region}:${account}:${name}`,
      asker: { kind: 'service', ...asker },
    });
    return decision === 'allowed' ? 'allowed' : 'not_allowed';
  };
}
