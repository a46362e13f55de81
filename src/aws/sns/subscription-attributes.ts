/** A subscription's settings as SNS names them. https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html */
import { parseTopicFilter } from '../../events/topic-filter.ts';
import { effectivePolicy, parseDeliveryPolicy } from '../../events/topic-retry.ts';
import type { Queues } from '../../resources/queue.ts';
import type { Subscription, SubscriptionProtocol, SubscriptionSettings } from '../../resources/topic-subscription.ts';
import type { Topic } from '../../resources/topic.ts';
import { parseArn } from '../../util/arn.ts';
import { PlatformError } from '../../util/errors.ts';
import { isObject } from '../../util/field.ts';
import type { AwsContext } from '../service.ts';
import { arnOfSubscription, arnOfTopic, invalidParameter } from './topic-reference.ts';
import { truth } from './topic-attributes.ts';

type Place = { context: AwsContext; queues: Queues; protocol: SubscriptionProtocol; topic: Pick<Topic, 'name'> };

/** `settings` with these attributes set as asked, all of them looked at together. Throws InvalidParameter. */
export function withAttributes(
  settings: SubscriptionSettings,
  attributes: Readonly<Record<string, string | undefined>>,
  place: Place,
): SubscriptionSettings {
  let changed = settings;
  for (const [name, value = ''] of Object.entries(attributes)) changed = withAttribute(changed, name, value, place);
  const { filter, filterScope } = changed;
  if (filter !== undefined) parseTopicFilter(filter, filterScope);
  return changed;
}

function withAttribute(
  settings: SubscriptionSettings,
  name: string,
  value: string,
  place: Place,
): SubscriptionSettings {
  switch (name) {
    case 'RawMessageDelivery': {
      const isRaw = truth(name, value);
      if (isRaw && !['sqs', 'http', 'https'].includes(place.protocol)) {
        const message = `Delivery protocol [${place.protocol}] does not support raw message delivery.`;
        throw invalidParameter(`Attributes Reason: ${name}: ${message}`, name);
      }
      return { ...settings, isRaw };
    }
    case 'FilterPolicy': {
      const { filter: _before, ...others } = settings;
      return value === '' || /^\s*\{\s*\}\s*$/.test(value) ? others : { ...others, filter: value };
    }
    case 'FilterPolicyScope':
      if (value !== 'MessageAttributes' && value !== 'MessageBody')
        throw invalidParameter(
          `Attributes Reason: FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
          name,
        );
      return { ...settings, filterScope: value === 'MessageBody' ? 'body' : 'attributes' };
    case 'DeliveryPolicy': {
      const { deliveryPolicy: _before, ...others } = settings;
      if (value === '') return others;
      parseDeliveryPolicy(value);
      return { ...others, deliveryPolicy: value };
    }
    case 'RedrivePolicy': {
      const { deadLetterQueue: _before, ...others } = settings;
      return value === '' ? others : { ...others, deadLetterQueue: deadLetterQueueOf(value, place) };
    }
    case 'SubscriptionRoleArn':
    case 'ReplayPolicy':
      if (value === '') return settings;
      throw new PlatformError(
        'not_implemented',
        `The subscription attribute ${name} is not built, so its value "${value.slice(0, 80)}" cannot be kept.`,
        { field: name, reason: 'InvalidParameter' },
      );
    default:
      throw invalidParameter('AttributeName');
  }
}

function deadLetterQueueOf(value: string, { context, queues, topic }: Place): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    parsed = undefined;
  }
  const target = isObject(parsed) ? parsed['deadLetterTargetArn'] : undefined;
  const arn = typeof target === 'string' ? parseArn(target) : undefined;
  const refuse = (why: string): never => {
    throw invalidParameter(`RedrivePolicy: ${why}`, 'RedrivePolicy');
  };
  if (typeof target !== 'string' || arn?.service !== 'sqs') return refuse('deadLetterTargetArn is an invalid arn');
  if (arn.account !== context.account || arn.region !== context.region)
    refuse('must use an SQS queue of the same account and region as deadLetterTargetArn');
  if (queues.get(context.account, arn.resource) === undefined) refuse('deadLetterTargetArn does not exist');
  if (arn.resource.endsWith('.fifo') && !topic.name.endsWith('.fifo'))
    refuse('must use a standard queue as DLQ for a standard topic');
  return target;
}

export function attributesOf(context: AwsContext, subscription: Subscription, topic: Topic): Record<string, string> {
  const { settings, pending, confirmation, protocol } = subscription;
  const isPosted = protocol === 'http' || protocol === 'https';
  return {
    SubscriptionArn: arnOfSubscription(context, subscription),
    TopicArn: arnOfTopic(context, topic),
    Owner: subscription.account,
    Protocol: protocol,
    Endpoint: subscription.endpoint,
    PendingConfirmation: String(pending !== undefined),
    ConfirmationWasAuthenticated: String(pending === undefined && confirmation.wasAuthenticated),
    SubscriptionPrincipal: subscription.principal,
    RawMessageDelivery: String(settings.isRaw),
    ...(settings.filter !== undefined && {
      FilterPolicy: settings.filter,
      FilterPolicyScope: settings.filterScope === 'body' ? 'MessageBody' : 'MessageAttributes',
    }),
    ...(settings.deliveryPolicy !== undefined && { DeliveryPolicy: settings.deliveryPolicy }),
    ...(isPosted && {
      EffectiveDeliveryPolicy: JSON.stringify(effectivePolicy(topic.settings.deliveryPolicy, settings.deliveryPolicy)),
    }),
    ...(settings.deadLetterQueue !== undefined && {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: settings.deadLetterQueue }),
    }),
  };
}
