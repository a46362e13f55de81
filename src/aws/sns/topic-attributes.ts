/** A topic's settings as SNS names them: all are texts. https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html */
import { effectivePolicy, parseTopicDeliveryPolicy } from '../../events/topic-retry.ts';
import { parsePolicyDocument } from '../../identity/policy-document.ts';
import type { FifoSettings, TopicSettings } from '../../resources/topic-settings.ts';
import { topicLimits } from '../../resources/topic-settings.ts';
import type { Topic } from '../../resources/topic.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext } from '../service.ts';
import { arnOfTopic, invalidParameter } from './topic-reference.ts';

/** They would promise what is not there: archives, logs of deliveries. Each with the values that promise nothing. */
const notBuilt: ReadonlyMap<string, readonly string[]> = new Map([
  ['ArchivePolicy', ['', '{}']],
  ['TracingConfig', ['', 'PassThrough']],
  ...['HTTP', 'Firehose', 'Lambda', 'Application', 'SQS'].flatMap((protocol) =>
    ['SuccessFeedbackRoleArn', 'SuccessFeedbackSampleRate', 'FailureFeedbackRoleArn'].map(
      (name): [string, readonly string[]] => [`${protocol}${name}`, ['', '0']],
    ),
  ),
]);

/** `settings` with one attribute set as asked. Throws InvalidParameter. `isNew`: what never changes can still be said. */
export function withAttribute(settings: TopicSettings, name: string, value: string, isNew = false): TopicSettings {
  switch (name) {
    case 'DisplayName':
      if (value.length > topicLimits.displayNameCharactersMax || /\p{Cc}/u.test(value)) throw invalidParameter(name);
      return { ...settings, displayName: value };
    case 'Policy':
      return { ...settings, policy: checkedPolicy(value) };
    case 'DeliveryPolicy': {
      const { deliveryPolicy: _before, ...others } = settings;
      if (value === '') return others;
      parseTopicDeliveryPolicy(value);
      return { ...others, deliveryPolicy: value };
    }
    case 'SignatureVersion':
      if (value !== '1' && value !== '2') throw invalidParameter(`${name} Reason: 1 and 2 are accepted`, name);
      return { ...settings, signatureVersion: value };
    case 'KmsMasterKeyId': {
      if (value.length > keyIdCharactersMax) throw invalidParameter(name);
      const { keyId: _before, ...others } = settings;
      return value === '' ? others : { ...others, keyId: value };
    }
    case 'FifoTopic':
      // It came with the topic, and its name says so.
      if (!isNew) throw invalidParameter('AttributeName');
      truth(name, value);
      return settings;
    case 'ContentBasedDeduplication':
      return withFifo(settings, name, { deduplicatesByContent: truth(name, value) });
    case 'FifoThroughputScope':
      if (value !== 'Topic' && value !== 'MessageGroup') throw invalidParameter(name);
      return withFifo(settings, name, { scope: value === 'Topic' ? 'topic' : 'group' });
    default: {
      const accepted = notBuilt.get(name);
      if (accepted === undefined) throw invalidParameter('AttributeName');
      if (accepted.includes(value)) return settings;
      throw new PlatformError(
        'not_implemented',
        `The topic attribute ${name} is not built, so its value "${value.slice(0, 80)}" cannot be kept.`,
        { field: name, reason: 'InvalidParameter' },
      );
    }
  }
}

/** An ARN of an alias with the longest name is far below. https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
const keyIdCharactersMax = 2_048;

export function checkedPolicy(text: string): string {
  if (text.length > topicLimits.documentCharactersMax)
    throw invalidParameter('Policy Reason: it is too long', 'Policy');
  try {
    parsePolicyDocument(text);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    throw invalidParameter(`Policy Reason: ${error.message}`, 'Policy');
  }
  return text;
}

export function truth(name: string, value: string): boolean {
  if (!/^(true|false)$/i.test(value)) throw invalidParameter(`${name} Reason: true and false are accepted`, name);
  return value.toLowerCase() === 'true';
}

function withFifo(settings: TopicSettings, name: string, change: Partial<FifoSettings>): TopicSettings {
  if (settings.fifo !== undefined) return { ...settings, fifo: { ...settings.fifo, ...change } };
  throw invalidParameter(`${name} Reason: only FIFO topics have it`, name);
}

/** Of the account alone, as SNS gives it to a topic that has none of its own. */
export function policyOf(context: Pick<AwsContext, 'region'>, topic: Topic): string {
  return topic.settings.policy ?? defaultPolicy(arnOfTopic(context, topic), topic.account);
}

function defaultPolicy(arn: string, account: string): string {
  const actions = [
    'GetTopicAttributes',
    'SetTopicAttributes',
    'AddPermission',
    'RemovePermission',
    'DeleteTopic',
    'Subscribe',
    'ListSubscriptionsByTopic',
    'Publish',
  ];
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: actions.map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  });
}

/** `counts`: of its subscriptions. */
export function attributesOf(
  context: AwsContext,
  topic: Topic,
  counts: { confirmed: number; pending: number },
): Record<string, string> {
  const { settings, account } = topic;
  const { healthyRetryPolicy, throttlePolicy, requestPolicy } = effectivePolicy(settings.deliveryPolicy, undefined);
  return {
    TopicArn: arnOfTopic(context, topic),
    Owner: account,
    DisplayName: settings.displayName,
    Policy: policyOf(context, topic),
    SubscriptionsConfirmed: String(counts.confirmed),
    SubscriptionsPending: String(counts.pending),
    SubscriptionsDeleted: '0',
    ...(settings.deliveryPolicy !== undefined && { DeliveryPolicy: settings.deliveryPolicy }),
    EffectiveDeliveryPolicy: JSON.stringify({
      http: {
        defaultHealthyRetryPolicy: healthyRetryPolicy,
        disableSubscriptionOverrides: isFinal(settings.deliveryPolicy),
        defaultRequestPolicy: requestPolicy ?? { headerContentType: 'text/plain; charset=UTF-8' },
        ...(throttlePolicy !== undefined && { defaultThrottlePolicy: throttlePolicy }),
      },
    }),
    ...(settings.keyId !== undefined && { KmsMasterKeyId: settings.keyId }),
    ...(settings.signatureVersion !== '1' && { SignatureVersion: settings.signatureVersion }),
    ...(settings.fifo !== undefined && {
      FifoTopic: 'true',
      ContentBasedDeduplication: String(settings.fifo.deduplicatesByContent),
      FifoThroughputScope: settings.fifo.scope === 'topic' ? 'Topic' : 'MessageGroup',
    }),
  };
}

const isFinal = (policy: string | undefined): boolean =>
  policy !== undefined && parseTopicDeliveryPolicy(policy).isFinal;
