/**
 * What becomes of a message that has been published: for each subscription that wants it an asynchronous invocation, a
 * message in a queue, or a post that waits to be made (topic-posts.ts). All of them are on disk when `handOn` resolves;
 * handing on the same message again changes nothing as long as the first ones are there, since their ids derive from
 * message and subscription.
 *
 * What cannot be delivered because its receiver is not there or does not let topics in is tried no second time, as with
 * SNS: it goes to the subscription's dead-letter queue, or is dropped, which the operator reads.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
 */
import type { MessageSigner } from '../identity/message-signer.ts';
import type { MessageAttribute, OutgoingMessage } from '../resources/queue-message.ts';
import type { Queues } from '../resources/queue.ts';
import { textFor, type TopicMessage } from '../resources/topic-message.ts';
import { postsTopic, withoutPassword, type Subscription } from '../resources/topic-subscription.ts';
import type { Post, Topic } from '../resources/topic.ts';
import type { Operation, Records } from '../store/records.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { parseArn } from '../util/arn.ts';
import { never } from '../util/assert.ts';
import { newCause } from '../util/cause.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import { derivedUuid, latestVersion, type AccountId, type Ids, type RequestId } from '../util/ids.ts';
import type { Asynchronous } from './asynchronous.ts';
import type { FunctionPermission, Permission } from './function-permission.ts';
import { noMessagingKeys, type MessagingKeys } from './keys-for.ts';
import type { QueuePermission } from './queue-permission.ts';
import type { Report } from './source.ts';
import {
  lambdaNotification,
  notification,
  notificationFields,
  subscriptionArn,
  textToSign,
  topicArn,
  type Addressed,
  type Signed,
} from './topic-notification.ts';
import type { TopicSubscribers } from './topic-subscribers.ts';

export type FanOutParts = {
  region: string;
  records: Records;
  queues: Queues;
  asynchronous: Pick<Asynchronous, 'enqueueOperation'>;
  subscribers: TopicSubscribers;
  signer: MessageSigner;
  mayInvoke: FunctionPermission;
  maySend: QueuePermission;
  /** For queues that are encrypted with keys; absent: none is. */
  keys?: MessagingKeys;
  telemetry: Telemetry;
  clock: Clock;
  ids: Ids;
  report: Report;
};

export type ToHandOn = { topic: Topic; message: TopicMessage };

/** Why a message went no further. `code`: as HTTP has it. */
export type Undelivered = { code: number; why: string };

const topicService = 'sns.amazonaws.com';

/** In one transaction, and in memory: half of what a store takes at once. */
const handedOnAtOnceMax = 5_000;

/** `deduplicationId`: for queues that keep an order. */
type Placed = OutgoingMessage & { group?: string; deduplicationId?: string };

type Planned = { topic: Topic; addressed: Addressed };
type ToQueue = Planned & { arn: string; sent: Placed };

export class FanOut {
  readonly #parts: FanOutParts;

  constructor(parts: FanOutParts) {
    this.#parts = parts;
  }

  /** In their order, for each subscription. Rejects when the disk refuses; then all of it is to be handed on again. */
  async handOn(messages: readonly ToHandOn[]): Promise<void> {
    const signatures = new Map<string, Promise<Signed>>();
    let planned: Planned[] = [];
    for (const { topic, message } of messages) {
      const to: { place: string; id: string }[] = [];
      for (const subscription of this.#parts.subscribers.of(topic.account, topic.name)) {
        if (subscription.pending !== undefined || !this.#wants(subscription, message)) continue;
        to.push({
          place: withoutPassword(subscription.endpoint),
          id: derivedUuid('topic', message.id, subscription.id),
        });
        planned.push({ topic, addressed: { region: this.#parts.region, subscription, message } });
        if (planned.length < handedOnAtOnceMax) continue;
        await this.#putDown(planned, signatures);
        planned = [];
      }
      this.#parts.telemetry.emit({
        kind: 'delivery',
        timeMs: this.#parts.clock.now(),
        account: topic.account,
        id: message.id,
        place: `topic ${topic.name}`,
        source: 'topic',
        step: { kind: 'handed_on', to },
      });
    }
    await this.#putDown(planned, signatures);
  }

  async #putDown(planned: readonly Planned[], signatures: Map<string, Promise<Signed>>): Promise<void> {
    const made = await Promise.all(planned.map((one) => this.#make(one, signatures)));
    const operations = made.flatMap((one) => (one !== undefined && 'operation' in one ? [one.operation] : []));
    const toQueues = made.flatMap((one) => (one !== undefined && 'arn' in one ? [one] : []));
    if (operations.length > 0) await this.#parts.records.transact(operations);
    const byQueue = Map.groupBy(toQueues, ({ arn, topic }) => `${arn} ${topic.life}`);
    await Promise.all([...byQueue.values()].map((those) => this.#send(those)));
  }

  /** Undefined: it was given up. */
  async #make(
    { topic, addressed }: Planned,
    signatures: Map<string, Promise<Signed>>,
  ): Promise<{ operation: Operation } | ToQueue | undefined> {
    const { subscription } = addressed;
    switch (subscription.protocol) {
      case 'lambda': {
        const operation = await this.#invocation(topic, addressed, signatures);
        return operation === undefined ? undefined : { operation };
      }
      case 'sqs':
        return {
          arn: subscription.endpoint,
          topic,
          addressed,
          sent: await this.#queued(topic, addressed, signatures),
        };
      case 'http':
      case 'https':
      case 'email':
      case 'email-json':
        return { operation: this.#post(addressed) };
      default:
        return never(subscription.protocol);
    }
  }

  /** To the subscription's dead-letter queue, or nowhere; either way this is the end of it. Rejects when the disk refuses. */
  async giveUp(
    topic: Topic,
    { subscription, message }: Addressed,
    { code, why }: Undelivered,
  ): Promise<'dead' | 'dropped'> {
    const { report, region } = this.#parts;
    const arn = subscriptionArn(region, subscription);
    const { deadLetterQueue } = subscription.settings;
    if (deadLetterQueue === undefined) {
      report(`message ${message.id} of the topic ${topic.name} was dropped for ${arn}`, why);
      return 'dropped';
    }
    const addressed = { region, subscription, message };
    const letter = subscription.settings.isRaw
      ? this.#raw(addressed)
      : await this.#enveloped(topic, addressed, new Map());
    const told: Record<string, MessageAttribute> = {
      RequestID: { type: 'String', text: message.id },
      ErrorCode: { type: 'Number', text: String(code) },
      ErrorMessage: { type: 'String', text: why.slice(0, 1_000) || 'unknown' },
    };
    const sent: Placed = {
      ...letter,
      ...this.#placeOf(addressed, deadLetterQueue),
      id: derivedUuid('topic dead letter', message.id, subscription.id),
      attributes: { ...letter.attributes, ...told },
    };
    const refused = await this.#sendAll(topic, deadLetterQueue, [sent]);
    if (refused === undefined) return 'dead';
    report(`message ${message.id} of the topic ${topic.name} was dropped for ${arn}: ${why}`, refused.why);
    return 'dropped';
  }

  #wants(subscription: Subscription, message: TopicMessage): boolean {
    const filter = this.#parts.subscribers.filterOf(subscription);
    return filter === undefined || filter(message);
  }

  async #invocation(
    topic: Topic,
    addressed: Addressed,
    signatures: Map<string, Promise<Signed>>,
  ): Promise<Operation | undefined> {
    const { asynchronous, mayInvoke, region, clock, ids } = this.#parts;
    const { subscription, message } = addressed;
    const arn = parseArn(subscription.endpoint);
    const [, name = '', qualifier = latestVersion] = arn?.resource.split(':') ?? [];
    const account = (arn?.account ?? '') as AccountId;
    const permission = mayInvoke(account, name, qualifier, {
      service: topicService,
      sourceArn: topicArn(region, subscription),
      sourceAccount: topic.account,
    });
    try {
      if (permission !== 'allowed') throw refusal(permission, `the function ${subscription.endpoint}`);
      const event = lambdaNotification(addressed, await this.#signed(topic, addressed, signatures));
      return asynchronous.enqueueOperation({
        requestId: derivedUuid('topic', message.id, subscription.id) as RequestId,
        account,
        functionName: name,
        qualifier,
        event: JSON.stringify(event),
        source: 'topic',
        cause: message.cause ?? newCause(clock.now(), ids.hex(12)),
      });
    } catch (error) {
      await this.giveUp(topic, addressed, undelivered(error));
      return undefined;
    }
  }

  #post({ subscription, message }: Addressed): Operation {
    const post: Post = { kind: 'message', message, attempts: 0, firstMs: this.#parts.clock.now() };
    return { kind: 'append', topic: postsTopic(subscription), message: { id: message.id, body: JSON.stringify(post) } };
  }

  async #queued(topic: Topic, addressed: Addressed, signatures: Map<string, Promise<Signed>>): Promise<Placed> {
    const sent = addressed.subscription.settings.isRaw
      ? this.#raw(addressed)
      : await this.#enveloped(topic, addressed, signatures);
    return { ...sent, ...this.#placeOf(addressed, addressed.subscription.endpoint) };
  }

  #raw(addressed: Addressed): OutgoingMessage {
    const { message, subscription } = addressed;
    return { ...commonOf(addressed), body: textFor(message, subscription.protocol), attributes: message.attributes };
  }

  async #enveloped(
    topic: Topic,
    addressed: Addressed,
    signatures: Map<string, Promise<Signed>>,
  ): Promise<OutgoingMessage> {
    const signed = await this.#signed(topic, addressed, signatures);
    return { ...commonOf(addressed), body: notification(addressed, signed) };
  }

  /** Its group, and in a queue that keeps an order what it is told apart by. */
  #placeOf({ message }: Addressed, queueArn: string): Pick<Placed, 'group' | 'deduplicationId'> {
    const keepsOrder = queueArn.endsWith('.fifo');
    return {
      ...(message.groupId !== undefined && { group: message.groupId }),
      ...(keepsOrder && message.deduplicationId !== undefined && { deduplicationId: message.deduplicationId }),
    };
  }

  /** All of one topic for one queue, in order. What it does not take is given up, one by one. */
  async #send(those: readonly ToQueue[]): Promise<void> {
    const [first] = those;
    if (first === undefined) return;
    const refused = await this.#sendAll(
      first.topic,
      first.arn,
      those.map(({ sent }) => sent),
    );
    if (refused === undefined) return;
    for (const one of those) {
      // Where one of several was too much, the others still go.
      const why = those.length === 1 ? refused : await this.#sendAll(one.topic, one.arn, [one.sent]);
      if (why !== undefined) await this.giveUp(one.topic, one.addressed, why);
    }
  }

  /** Undefined: they are there. Rejects when the disk refuses. */
  async #sendAll(topic: Topic, arn: string, messages: readonly Placed[]): Promise<Undelivered | undefined> {
    const { queues, maySend, keys = noMessagingKeys, region } = this.#parts;
    const place = parseArn(arn);
    const account = (place?.account ?? '') as AccountId;
    const name = place?.resource ?? '';
    const behalf = {
      service: topicService,
      sourceArn: topicArn(region, { account: topic.account, topic: topic.name }),
      sourceAccount: topic.account,
    };
    const permission = maySend(account, name, behalf);
    try {
      if (permission !== 'allowed') throw refusal(permission, `the queue ${arn}`);
      await queues.send(account, name, messages, keys.queues.service(behalf));
      return undefined;
    } catch (error) {
      return undelivered(error);
    }
  }

  /** The same for all that read the same text in one place. */
  #signed(topic: Topic, addressed: Addressed, signatures: Map<string, Promise<Signed>>): Promise<Signed> {
    const text = textToSign(notificationFields(addressed));
    const { base } = addressed.subscription;
    const key = `${base}\n${text}`;
    const signed = signatures.get(key) ?? signedBy(this.#parts.signer, topic, base, text);
    signatures.set(key, signed);
    return signed;
  }
}

/** Where the certificate is, under an address of ours. */
export const certificatePath = (id: string): string => `/SimpleNotificationService-${id}.pem`;

export async function signedBy(
  signer: MessageSigner,
  { settings }: Pick<Topic, 'settings'>,
  base: string,
  text: string,
): Promise<Signed> {
  const version = settings.signatureVersion;
  const [signature, { id }] = await Promise.all([
    signer.sign(text, version === '1' ? 'sha1' : 'sha256'),
    signer.certificate(),
  ]);
  return { version, signature, certificateUrl: base + certificatePath(id) };
}

function commonOf({ message, subscription }: Addressed): Omit<OutgoingMessage, 'body'> {
  return {
    id: derivedUuid('topic', message.id, subscription.id),
    senderId: topicService,
    ...(message.cause !== undefined && { cause: message.cause }),
    ...(message.traceHeader !== undefined && { traceHeader: message.traceHeader }),
  };
}

function refusal(permission: Exclude<Permission, 'allowed'>, what: string): PlatformError {
  return permission === 'missing'
    ? new PlatformError('not_found', `${what} does not exist`)
    : new PlatformError('permission_denied', `the policy of ${what} does not let ${topicService} in for this topic`);
}

const statusOf: Readonly<Record<string, number>> = { not_found: 404, permission_denied: 403, too_large: 413 };

/** What the receiver says of a message; anything else is thrown on, to be tried again. */
function undelivered(error: unknown): Undelivered {
  if (!(error instanceof PlatformError) || error.fault !== 'caller' || error.code === 'throttled') throw error;
  return { code: statusOf[error.code] ?? 400, why: error.message };
}
