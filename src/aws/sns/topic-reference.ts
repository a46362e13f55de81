/** Topics and subscriptions by their ARNs, and the permissions that are asked for them. */
import type { Subscription } from '../../resources/topic-subscription.ts';
import type { Topic, Topics } from '../../resources/topic.ts';
import { parseArn } from '../../util/arn.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { Access, AwsContext } from '../service.ts';

type Place = Pick<AwsContext, 'account' | 'region'>;

export const arnOfTopic = ({ region }: Pick<AwsContext, 'region'>, topic: { account: string; name: string }): string =>
  `arn:aws:sns:${region}:${topic.account}:${topic.name}`;

export const arnOfSubscription = (
  { region }: Pick<AwsContext, 'region'>,
  { account, topic, id }: Pick<Subscription, 'account' | 'topic' | 'id'>,
): string => `arn:aws:sns:${region}:${account}:${topic}:${id}`;

/** What is named is a topic of this region, whosever, perhaps one that is not there. Throws InvalidParameter and NotFound. */
export function parseTopicArn(
  context: Place,
  text: string | undefined,
  field = 'TopicArn',
): { account: AccountId; name: string } {
  const { account, parts } = parsed(context, text, field);
  const [name = ''] = parts;
  if (parts.length !== 1) throw invalidParameter(field);
  return { account, name };
}

/** Throws NotFound. */
export function topicAt(topics: Topics, context: Place, text: string | undefined, field = 'TopicArn'): Topic {
  const { account, name } = parseTopicArn(context, text, field);
  return topics.need(account, name);
}

export function parseSubscriptionArn(
  context: Place,
  text: string | undefined,
): { account: AccountId; topic: string; id: string } {
  const { account, parts } = parsed(context, text, 'SubscriptionArn');
  const [topic = '', id = ''] = parts;
  if (parts.length !== 2) throw invalidParameter('SubscriptionArn');
  return { account, topic, id };
}

/** `sns:<action>` on the topic. */
export const onTopic = (context: Place, action: string, arn: string | undefined, field = 'TopicArn'): Access[] => [
  { action: `sns:${action}`, resource: arnOfTopic(context, parseTopicArn(context, arn, field)) },
];

/** On the topic that is subscribed to, which is what a policy can name. */
export function onSubscription(context: Place, action: string, arn: string | undefined): Access[] {
  const { account, topic } = parseSubscriptionArn(context, arn);
  return [{ action: `sns:${action}`, resource: arnOfTopic(context, { account, name: topic }) }];
}

/** On every topic of the account. */
export const onAll = (context: Place, action: string): Access[] => [
  { action: `sns:${action}`, resource: arnOfTopic(context, { account: context.account, name: '*' }) },
];

export const invalidParameter = (what: string, field = what): PlatformError =>
  new PlatformError('invalid_argument', `Invalid parameter: ${what}`, { field, reason: 'InvalidParameter' });

function parsed({ region }: Place, text: string | undefined, field: string): { account: AccountId; parts: string[] } {
  const elements = (text ?? '').split(':').length;
  if (elements < 6)
    throw invalidParameter(`${field} Reason: An ARN must have at least 6 elements, not ${elements}`, field);
  const arn = parseArn(text ?? '');
  if (arn?.service !== 'sns') throw invalidParameter(field);
  // Those of elsewhere are not here.
  if (arn.region !== region || !/^\d{12}$/.test(arn.account))
    throw new PlatformError('not_found', 'Topic does not exist', { field, reason: 'NotFound' });
  return { account: arn.account as AccountId, parts: arn.resource.split(':') };
}
