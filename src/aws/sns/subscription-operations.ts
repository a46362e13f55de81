import type {
  ConfirmSubscriptionInput,
  ConfirmSubscriptionResponse,
  GetSubscriptionAttributesInput,
  GetSubscriptionAttributesResponse,
  ListSubscriptionsByTopicInput,
  ListSubscriptionsInput,
  ListSubscriptionsResponse,
  SetSubscriptionAttributesInput,
  UnsubscribeInput,
} from '@aws-sdk/client-sns';
import { isAsked } from '../../resources/topic-subscription.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { pageOf } from './page.ts';
import type { SnsParts } from './sns-parts.ts';
import { attributesOf, withAttributes } from './subscription-attributes.ts';
import { allSubscriptions, listed, needSubscription, refuseDeclared, subscriptionsOf } from './subscriptions.ts';
import { arnOfSubscription, onAll, onSubscription, onTopic, parseSubscriptionArn, topicAt } from './topic-reference.ts';

/** The token is what lets somebody in who has nothing else: it was sent to the endpoint alone. */
export const confirmSubscription = ({ topics }: SnsParts): OperationEntry => ({
  isOpen: true,
  access: (context, input: ConfirmSubscriptionInput) =>
    context.principal.kind === 'anonymous' ? [] : onTopic(context, 'ConfirmSubscription', input.TopicArn),
  async run(context: AwsContext, input: ConfirmSubscriptionInput): Promise<ConfirmSubscriptionResponse> {
    const { account, name } = topicAt(topics, context, input.TopicArn);
    const subscription = await topics.confirm(account, name, input.Token ?? '', {
      wasAuthenticated: context.principal.kind !== 'anonymous',
      authenticatesUnsubscribe: input.AuthenticateOnUnsubscribe === 'true',
    });
    return { SubscriptionArn: arnOfSubscription(context, subscription) };
  },
});

/** One that is not there is unsubscribed, too. Whoever is posted to can leave without credentials, by the link that every message has. */
export const unsubscribe = (parts: SnsParts): OperationEntry => ({
  isOpen: true,
  access: (context, input: UnsubscribeInput) =>
    context.principal.kind === 'anonymous' ? [] : onSubscription(context, 'Unsubscribe', input.SubscriptionArn),
  async run(context: AwsContext, input: UnsubscribeInput): Promise<object> {
    const reference = parseSubscriptionArn(context, input.SubscriptionArn);
    const found = existing(() => needSubscription(parts, context, reference));
    if (context.principal.kind === 'anonymous' && !mayLeave(found?.subscription)) {
      throw new PlatformError('permission_denied', 'Access Denied: this subscription is ended by a signed request', {
        reason: 'AuthorizationError',
      });
    }
    if (found?.isDeclared === true) throw refuseDeclared();
    if (found !== undefined) await parts.topics.unsubscribe(reference.account, reference.id);
    return {};
  },
});

const mayLeave = (subscription: ReturnType<typeof needSubscription>['subscription'] | undefined): boolean =>
  subscription !== undefined &&
  subscription.pending === undefined &&
  isAsked(subscription.protocol) &&
  !subscription.confirmation.authenticatesUnsubscribe;

function existing<Found>(find: () => Found): Found | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'not_found') return undefined;
    throw error;
  }
}

export const listSubscriptions = (parts: SnsParts): OperationEntry => ({
  access: (context) => onAll(context, 'ListSubscriptions'),
  run(context: AwsContext, input: ListSubscriptionsInput): Promise<ListSubscriptionsResponse> {
    const { page, ...next } = pageOf(
      allSubscriptions(parts, context, context.account),
      input.NextToken,
      ({ topic, id }) => `${topic}:${id}`,
    );
    return Promise.resolve({ Subscriptions: page.map((one) => listed(context, one)), ...next });
  },
});

export const listSubscriptionsByTopic = (parts: SnsParts): OperationEntry => ({
  access: (context, input: ListSubscriptionsByTopicInput) =>
    onTopic(context, 'ListSubscriptionsByTopic', input.TopicArn),
  run(context: AwsContext, input: ListSubscriptionsByTopicInput): Promise<ListSubscriptionsResponse> {
    const topic = topicAt(parts.topics, context, input.TopicArn);
    const { page, ...next } = pageOf(subscriptionsOf(parts, context, topic), input.NextToken, ({ id }) => id);
    return Promise.resolve({ Subscriptions: page.map((one) => listed(context, one)), ...next });
  },
});

export const getSubscriptionAttributes = (parts: SnsParts): OperationEntry => ({
  access: (context, input: GetSubscriptionAttributesInput) =>
    onSubscription(context, 'GetSubscriptionAttributes', input.SubscriptionArn),
  run(context: AwsContext, input: GetSubscriptionAttributesInput): Promise<GetSubscriptionAttributesResponse> {
    const reference = parseSubscriptionArn(context, input.SubscriptionArn);
    const { subscription } = needSubscription(parts, context, reference);
    const topic = parts.topics.need(subscription.account, subscription.topic);
    return Promise.resolve({ Attributes: attributesOf(context, subscription, topic) });
  },
});

export const setSubscriptionAttributes = (parts: SnsParts): OperationEntry => ({
  access: (context, input: SetSubscriptionAttributesInput) =>
    onSubscription(context, 'SetSubscriptionAttributes', input.SubscriptionArn),
  async run(context: AwsContext, input: SetSubscriptionAttributesInput): Promise<object> {
    const { topics, queues } = parts;
    const reference = parseSubscriptionArn(context, input.SubscriptionArn);
    const { subscription, isDeclared } = needSubscription(parts, context, reference);
    if (isDeclared) throw refuseDeclared();
    const topic = topics.need(subscription.account, subscription.topic);
    const { AttributeName: name = '', AttributeValue: value = '' } = input;
    const place = { context, queues, protocol: subscription.protocol, topic };
    await topics.updateSubscription(reference.account, reference.id, (settings) =>
      withAttributes(settings, { [name]: value }, place),
    );
    return {};
  },
});
