/**
 * What those who subscribed to a topic receive, as SNS words it, and the text that is signed of it. Pure.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
import type { MessageAttribute } from '../resources/queue-message.ts';
import { textFor, type TopicMessage } from '../resources/topic-message.ts';
import type { Subscription } from '../resources/topic-subscription.ts';

/** How messages are signed, and where the certificate is to be had. */
export type Signed = { version: '1' | '2'; signature: string; certificateUrl: string };

export const topicArn = (region: string, { account, topic }: Pick<Subscription, 'account' | 'topic'>): string =>
  `arn:aws:sns:${region}:${account}:${topic}`;

export const subscriptionArn = (region: string, subscription: Pick<Subscription, 'account' | 'topic' | 'id'>): string =>
  `${topicArn(region, subscription)}:${subscription.id}`;

/** Who receives it, and what of it. */
export type Addressed = { region: string; subscription: Subscription; message: TopicMessage };

/** https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html */
export function textToSign(fields: Readonly<Record<string, string | undefined>>): string {
  return ['Message', 'MessageId', 'SubscribeURL', 'Subject', 'Timestamp', 'Token', 'TopicArn', 'Type']
    .filter((name) => fields[name] !== undefined)
    .map((name) => `${name}\n${fields[name]}\n`)
    .join('');
}

/** The fields of a message that its signature is of. */
export function notificationFields({
  region,
  subscription,
  message,
}: Addressed): Readonly<Record<string, string | undefined>> {
  return {
    Type: 'Notification',
    MessageId: message.id,
    TopicArn: topicArn(region, subscription),
    Subject: message.subject,
    Message: textFor(message, subscription.protocol),
    Timestamp: new Date(message.publishedMs).toISOString(),
  };
}

export const unsubscribeUrl = (region: string, subscription: Subscription): string =>
  `${subscription.base}/?Action=Unsubscribe&SubscriptionArn=${encodeURIComponent(subscriptionArn(region, subscription))}`;

/** JSON, laid out as SNS lays it out; for queues and for those who are posted to. */
export function notification(addressed: Addressed, signed: Signed): string {
  const { region, subscription, message } = addressed;
  const { Type, MessageId, TopicArn, Subject, Message, Timestamp } = notificationFields(addressed);
  const attributes = Object.entries(message.attributes);
  return JSON.stringify(
    {
      Type,
      MessageId,
      ...(message.sequenceNumber !== undefined && { SequenceNumber: message.sequenceNumber }),
      TopicArn,
      Subject,
      Message,
      Timestamp,
      SignatureVersion: signed.version,
      Signature: signed.signature,
      SigningCertURL: signed.certificateUrl,
      UnsubscribeURL: unsubscribeUrl(region, subscription),
      ...(attributes.length > 0 && { MessageAttributes: writtenAttributes(message) }),
    },
    undefined,
    2,
  );
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
export function lambdaNotification(addressed: Addressed, signed: Signed): object {
  const { region, subscription, message } = addressed;
  const { Type, MessageId, TopicArn, Subject, Message, Timestamp } = notificationFields(addressed);
  return {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscriptionArn(region, subscription),
        Sns: {
          Type,
          MessageId,
          TopicArn,
          Subject: Subject ?? null,
          Message,
          Timestamp,
          SignatureVersion: signed.version,
          Signature: signed.signature,
          SigningCertUrl: signed.certificateUrl,
          UnsubscribeUrl: unsubscribeUrl(region, subscription),
          MessageAttributes: writtenAttributes(message),
        },
      },
    ],
  };
}

/** What an endpoint is asked that is to be posted to. `askedMs`: when somebody subscribed it. */
export function confirmationFields(
  region: string,
  subscription: Subscription,
  { id, askedMs }: { id: string; askedMs: number },
): Readonly<Record<string, string | undefined>> {
  const arn = topicArn(region, subscription);
  const token = subscription.pending?.token ?? '';
  return {
    Type: 'SubscriptionConfirmation',
    MessageId: id,
    Token: token,
    TopicArn: arn,
    Message: `You have chosen to subscribe to the topic ${arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
    SubscribeURL: `${subscription.base}/?Action=ConfirmSubscription&TopicArn=${encodeURIComponent(arn)}&Token=${token}`,
    Timestamp: new Date(askedMs).toISOString(),
  };
}

export function confirmation(fields: Readonly<Record<string, string | undefined>>, signed: Signed): string {
  return JSON.stringify(
    {
      ...fields,
      SignatureVersion: signed.version,
      Signature: signed.signature,
      SigningCertURL: signed.certificateUrl,
    },
    undefined,
    2,
  );
}

function writtenAttributes({ attributes }: TopicMessage): Readonly<Record<string, { Type: string; Value: string }>> {
  const written = ([name, attribute]: [string, MessageAttribute]): [string, { Type: string; Value: string }] => [
    name,
    { Type: attribute.type, Value: 'base64' in attribute ? attribute.base64 : attribute.text },
  ];
  return Object.fromEntries(Object.entries(attributes).map(written));
}
