import { createDocumentReader, decide } from '../identity/policy-document.ts';
import type { Topics } from '../resources/topic.ts';
import type { AccountId } from '../util/ids.ts';
import type { OnBehalf, Permission } from './function-permission.ts';

/** Whether a service may publish to a topic. */
export type TopicPermission = (account: AccountId, name: string, asker: OnBehalf) => Permission;

/**
 * What a deployment made is granted to its own account by the deployment; of a topic of somebody's own, and for senders of
 * other accounts, its policy is asked.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
 */
export function topicPermission(topics: Pick<Topics, 'get'>, region: string): TopicPermission {
  const documentOf = createDocumentReader();
  return (account, name, asker) => {
    const topic = topics.get(account, name);
    if (topic === undefined) return 'missing';
    if (topic.application !== undefined && asker.sourceAccount === account) return 'allowed';
    const document = documentOf(topic.settings);
    if (document === undefined) return 'not_allowed';
    return decide(document, {
      action: 'sns:Publish',
      resource: `arn:aws:sns:${region}:${account}:${name}`,
      asker: { kind: 'service', ...asker },
    });
  };
}
