import { isDeepStrictEqual } from 'node:util';
import type { SubscribeInput, SubscribeResponse } from '@aws-sdk/client-sns';
import { isAddress } from '../../events/compose-mail.ts';
import {
  isAsked,
  subscriptionProtocols,
  subscriptionSettingsDefault,
  type SubscriptionProtocol,
} from '../../resources/topic-subscription.ts';
import type { Topic } from '../../resources/topic.ts';
import { parseArn } from '../../util/arn.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { SnsParts } from './sns-parts.ts';
import { withAttributes } from './subscription-attributes.ts';
import { arnOfSubscription, invalidParameter, onTopic, topicAt } from './topic-reference.ts';

/** What SNS delivers to and this platform does not. */
const otherProtocols: readonly string[] = ['sms', 'application', 'firehose'];

/** Characters of an endpoint. https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
const endpointCharactersMax = 2_048;

/** Answers the subscription that the endpoint has; one that is posted to is asked first whether it wants it. */
export const subscribe = ({ topics, queues }: SnsParts): OperationEntry => ({
  access: (context, input: SubscribeInput) => [
    ...onTopic(context, 'Subscribe', input.TopicArn),
    // Functions of deployments let every topic in, so that whoever subscribes one must be let in himself.
    ...(input.Protocol === 'lambda' ? [{ action: 'lambda:InvokeFunction', resource: input.Endpoint ?? '' }] : []),
  ],
  async run(context: AwsContext, input: SubscribeInput): Promise<SubscribeResponse> {
    const topic = topicAt(topics, context, input.TopicArn);
    const protocol = protocolOf(input.Protocol);
    const endpoint = checkedEndpoint(context, topic, protocol, input.Endpoint ?? '', queues);
    const settings = withAttributes(subscriptionSettingsDefault, input.Attributes ?? {}, {
      context,
      queues,
      protocol,
      topic,
    });
    const subscription = await topics.subscribe({
      account: topic.account,
      topic: topic.name,
      protocol,
      endpoint,
      settings,
      principal: context.principal.arn,
      isPublicOnly: context.principal.kind !== 'administrator',
      base: context.endpoint,
      needsConfirmation: isAsked(protocol),
    });
    if (input.Attributes !== undefined && !isDeepStrictEqual(subscription.settings, settings))
      throw invalidParameter('Attributes Reason: Subscription already exists with different attributes', 'Attributes');
    const isShown = subscription.pending === undefined || input.ReturnSubscriptionArn === true;
    return { SubscriptionArn: isShown ? arnOfSubscription(context, subscription) : 'pending confirmation' };
  },
});

function protocolOf(text: string | undefined): SubscriptionProtocol {
  const protocol = subscriptionProtocols.find((one) => one === text);
  if (protocol !== undefined) return protocol;
  if (!otherProtocols.includes(text ?? '')) {
    throw invalidParameter(
      `Amazon SNS does not support this protocol string: ${(text ?? '').slice(0, 40)}`,
      'Protocol',
    );
  }
  throw new PlatformError(
    'not_implemented',
    `Invalid parameter: Protocol Reason: ${text} is not built; there are ${subscriptionProtocols.join(', ')}.`,
    { field: 'Protocol', reason: 'InvalidParameter' },
  );
}

function checkedEndpoint(
  context: AwsContext,
  topic: Topic,
  protocol: SubscriptionProtocol,
  endpoint: string,
  queues: SnsParts['queues'],
): string {
  if (endpoint.length > endpointCharactersMax) throw invalidParameter('Endpoint Reason: it is too long', 'Endpoint');
  const isFifo = topic.settings.fifo !== undefined;
  if (isFifo && protocol !== 'sqs')
    throw invalidParameter('Invalid parameter: Endpoint Reason: Please use FIFO SQS queue', 'Endpoint');
  const arn = parseArn(endpoint);
  const isHere = arn?.account === context.account && arn.region === context.region;
  switch (protocol) {
    case 'sqs':
      if (arn?.service !== 'sqs') throw invalidParameter('SQS endpoint ARN', 'Endpoint');
      if (!isHere || queues.get(context.account, arn.resource) === undefined)
        throw invalidParameter('Endpoint Reason: the queue is not one of this account and region', 'Endpoint');
      if (!isFifo && endpoint.endsWith('.fifo')) {
        throw invalidParameter(
          'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
          'Endpoint',
        );
      }
      return endpoint;
    case 'lambda':
      if (arn?.service !== 'lambda' || !/^function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?$/.test(arn.resource) || !isHere)
        throw invalidParameter('Lambda endpoint ARN', 'Endpoint');
      return endpoint;
    case 'email':
    case 'email-json':
      if (!isAddress(endpoint)) throw invalidParameter('Email address', 'Endpoint');
      return endpoint;
    case 'http':
    case 'https': {
      const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
      if (url?.protocol !== `${protocol}:` || url.hostname === '')
        throw invalidParameter('Endpoint must match the specified protocol', 'Endpoint');
      return endpoint;
    }
  }
}
