/** What is mailed to those who subscribed by mail, in SNS's words. https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html */
import { domainOf, type Mails } from '../resources/mail.ts';
import { textFor, type TopicMessage } from '../resources/topic-message.ts';
import type { Subscription } from '../resources/topic-subscription.ts';
import type { Topic } from '../resources/topic.ts';
import type { Clock } from '../util/clock.ts';
import { derivedUuid } from '../util/ids.ts';
import { composeMail } from './compose-mail.ts';
import { notification, unsubscribeUrl, type Signed } from './topic-notification.ts';

export type TopicMailParts = { region: string; mails: Pick<Mails, 'send'>; clock: Clock };

const sender = 'no-reply@sns.amazonaws.com';
const displayNameDefault = 'AWS Notifications';
const subjectDefault = 'AWS Notification Message';

/** On its way once resolved; mailed again it has the same id. */
export async function mailNotice(
  parts: TopicMailParts,
  topic: Topic,
  subscription: Subscription,
  message: TopicMessage,
  signed: () => Promise<Signed>,
): Promise<void> {
  const { region } = parts;
  const text =
    subscription.protocol === 'email-json'
      ? notification({ region, subscription, message }, await signed())
      : `${textFor(message, subscription.protocol)}\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n${unsubscribeUrl(region, subscription)}\n`;
  await mail(parts, topic, subscription, {
    id: derivedUuid('topic mail', message.id, subscription.id),
    subject: message.subject ?? subjectDefault,
    text,
    ...(message.cause !== undefined && { cause: message.cause }),
  });
}

export async function mailConfirmation(
  parts: TopicMailParts,
  topic: Topic,
  subscription: Subscription,
  fields: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { TopicArn = '', SubscribeURL = '', MessageId = '' } = fields;
  const text =
    subscription.protocol === 'email-json'
      ? JSON.stringify(fields, undefined, 2)
      : `You have chosen to subscribe to the topic:\n${TopicArn}\n\nTo confirm this subscription, click or visit the link below (If this was in error no action is necessary):\n${SubscribeURL}\n`;
  const id = derivedUuid('topic mail', MessageId, subscription.id);
  await mail(parts, topic, subscription, { id, subject: 'AWS Notification - Subscription Confirmation', text });
}

async function mail(
  { mails, clock }: TopicMailParts,
  { account, settings }: Topic,
  { endpoint }: Subscription,
  { id, subject, text, cause }: { id: string; subject: string; text: string; cause?: TopicMessage['cause'] },
): Promise<void> {
  const raw = await composeMail({
    from: `"${(settings.displayName || displayNameDefault).replaceAll(/["\\]/g, '')}" <${sender}>`,
    to: [endpoint],
    subject,
    text,
    messageId: `${id}@${domainOf(sender)}`,
    timeMs: clock.now(),
  });
  await mails.send({
    id,
    account,
    from: sender,
    subject,
    recipients: [endpoint],
    raw,
    ...(cause !== undefined && { cause }),
  });
}
