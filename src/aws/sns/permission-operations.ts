import type { AddPermissionInput, RemovePermissionInput } from '@aws-sdk/client-sns';
import { accountRoot } from '../../identity/principal-element.ts';
import type { Topic } from '../../resources/topic.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { SnsParts } from './sns-parts.ts';
import { checkedPolicy, policyOf } from './topic-attributes.ts';
import { arnOfTopic, invalidParameter, onTopic, topicAt } from './topic-reference.ts';

/** What others may be let do. https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html */
const actions: readonly string[] = [
  'GetTopicAttributes',
  'SetTopicAttributes',
  'AddPermission',
  'RemovePermission',
  'DeleteTopic',
  'Subscribe',
  'ListSubscriptionsByTopic',
  'Publish',
  'Receive',
];

type Document = { Statement: readonly { Sid?: string }[] };

export const addPermission = ({ topics }: SnsParts): OperationEntry => ({
  access: (context, input: AddPermissionInput) => onTopic(context, 'AddPermission', input.TopicArn),
  async run(context: AwsContext, input: AddPermissionInput): Promise<object> {
    const { Label: label = '', AWSAccountId: accounts = [], ActionName: named = [] } = input;
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(label)) throw invalidParameter('Label');
    if (accounts.length === 0 || accounts.some((one) => !/^\d{12}$/.test(one))) throw invalidParameter('AWSAccountId');
    if (named.length === 0 || named.some((one) => !actions.includes(one)))
      throw invalidParameter('Policy statement action out of service scope!', 'ActionName');
    const roots = accounts.map(accountRoot);
    const allowed = named.map((one) => `SNS:${one}`);
    await changePolicy(topics, context, input.TopicArn, (statements, topic) => {
      if (statements.some(({ Sid }) => Sid === label)) throw invalidParameter('Statement already exists', 'Label');
      const added = {
        Sid: label,
        Effect: 'Allow',
        Principal: { AWS: roots.length === 1 ? roots[0] : roots },
        Action: allowed.length === 1 ? allowed[0] : allowed,
        Resource: arnOfTopic(context, topic),
      };
      return [...statements, added];
    });
    return {};
  },
});

export const removePermission = ({ topics }: SnsParts): OperationEntry => ({
  access: (context, input: RemovePermissionInput) => onTopic(context, 'RemovePermission', input.TopicArn),
  async run(context: AwsContext, input: RemovePermissionInput): Promise<object> {
    const others = (statements: Document['Statement']) => statements.filter(({ Sid }) => Sid !== input.Label);
    await changePolicy(topics, context, input.TopicArn, others);
    return {};
  },
});

/** With its last statement a policy is gone, and the default is back. */
async function changePolicy(
  topics: SnsParts['topics'],
  context: AwsContext,
  arn: string | undefined,
  change: (statements: Document['Statement'], topic: Topic) => Document['Statement'],
): Promise<void> {
  const { account, name } = topicAt(topics, context, arn);
  await topics.update(account, name, (topic) => {
    const document = JSON.parse(policyOf(context, topic)) as { Statement: Document['Statement'] | { Sid?: string } };
    const before = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
    const Statement = change(before as Document['Statement'], topic);
    const { policy: _policy, ...others } = topic.settings;
    if (Statement.length === 0) return { settings: others };
    return { settings: { ...others, policy: checkedPolicy(JSON.stringify({ ...document, Statement })) } };
  });
}
