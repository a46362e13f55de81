/** Subscriptions as SNS lists them: those that were made, and the functions that deployments bound to a topic. */
import type { Subscription as Listed } from '@aws-sdk/client-sns';
import { subscriptionOfBinding } from '../../events/topic-subscribers.ts';
import { withoutPassword, type Subscription } from '../../resources/topic-subscription.ts';
import type { Topic } from '../../resources/topic.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { AwsContext } from '../service.ts';
import type { SnsParts } from './sns-parts.ts';
import { arnOfSubscription, arnOfTopic } from './topic-reference.ts';

type Parts = Pick<SnsParts, 'topics' | 'bindings'>;
type Place = Pick<AwsContext, 'region'>;

const declaredOf = ({ bindings }: Pick<Parts, 'bindings'>, { region }: Place, account: AccountId): Subscription[] =>
  bindings
    .ofKind('topic')
    .filter((binding) => binding.account === account)
    .map((binding) => subscriptionOfBinding(binding, region));

export const allSubscriptions = (parts: Parts, place: Place, account: AccountId): Subscription[] => [
  ...parts.topics.subscriptions(account),
  ...declaredOf(parts, place, account),
];

export const subscriptionsOf = (parts: Parts, place: Place, { account, name }: Topic): Subscription[] => [
  ...parts.topics.subscriptionsOf(account, name),
  ...declaredOf(parts, place, account).filter(({ topic }) => topic === name),
];

/** Throws NotFound. `isDeclared`: a deployment says what it is, and no call changes it. */
export function needSubscription(
  parts: Parts,
  place: Place,
  { account, topic, id }: Pick<Subscription, 'account' | 'topic' | 'id'>,
): { subscription: Subscription; isDeclared: boolean } {
  const made = parts.topics.subscription(account, id);
  if (made?.topic === topic) return { subscription: made, isDeclared: false };
  const declared = declaredOf(parts, place, account).find((one) => one.id === id && one.topic === topic);
  if (declared !== undefined) return { subscription: declared, isDeclared: true };
  throw new PlatformError('not_found', 'Subscription does not exist', { field: 'SubscriptionArn', reason: 'NotFound' });
}

export function listed(place: Place, subscription: Subscription): Listed {
  const { account, topic, pending, protocol, endpoint } = subscription;
  return {
    SubscriptionArn: pending === undefined ? arnOfSubscription(place, subscription) : 'PendingConfirmation',
    Owner: account,
    Protocol: protocol,
    // Passwords of addresses are for GetSubscriptionAttributes alone, as SNS has it.
    Endpoint: withoutPassword(endpoint),
    TopicArn: arnOfTopic(place, { account, name: topic }),
  };
}

export const refuseDeclared = (): PlatformError =>
  new PlatformError(
    'conflict',
    'Invalid parameter: SubscriptionArn Reason: a deployment made this subscription; change the manifest that declares it',
    { field: 'SubscriptionArn', reason: 'InvalidParameter' },
  );
