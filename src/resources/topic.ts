/**
 * Topics: what is published to one goes to everybody who has subscribed to it.
 *
 * The engine keeps topics and subscriptions and accepts messages; a message that it has answered for is on disk. Who is
 * to get it is decided when it goes out, which is events/topic.ts: it reads the log (`publishedTopic`), and for topics
 * that keep an order what waits in them. The engine knows no wire words, calls no function and sends nothing anywhere.
 *
 * Everything is read from memory and written to disk before it counts; changes of one topic are made in turn.
 */
import { createHash } from 'node:crypto';
import type { Log } from '../store/log.ts';
import { scan, type LogMessage, type Records } from '../store/records.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, Ids } from '../util/ids.ts';
import { createInTurn, type InTurn } from '../util/in-turn.ts';
import { noKeys, type DataKeys } from './data-keys.ts';
import { SealedBodies } from './sealed-bodies.ts';
import { checkTopicMessage, type PublishedMessage, type TopicMessage } from './topic-message.ts';
import { checkTopicName, topicLimits, topicSettingsDefault, type TopicSettings } from './topic-settings.ts';
import {
  confirmationMsMax,
  postsTopic,
  subscriptionSettingsDefault,
  type Subscription,
  type SubscriptionSettings,
} from './topic-subscription.ts';
import { plainSubscriptions, type StoredSubscriptions } from './stored-subscription.ts';

export type Topic = {
  account: AccountId;
  name: string;
  /** The deployment that owns it; absent: made through an API. */
  application?: string;
  createdMs: number;
  settings: TopicSettings;
  tags: Readonly<Record<string, string>>;
  /** Different for each topic that has ever been there. */
  life: string;
};

/** What the log has of a message. */
export type Published = { account: AccountId; topic: string; life: string; message: TopicMessage };

/** Where messages wait to go out: those of topics that keep no order, and those that are read in groups. */
export const publishedTopics = { plain: 'topic/published', ordered: 'topic/ordered' } as const;

/** How long a data key encrypts what is published. https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
const dataKeyReuseMs = 300_000;

/** How long a deduplication id is remembered. https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html */
const rememberedMs = 5 * 60_000;

/** What a subscription is made of; the rest is for the engine to say. */
export type Subscribing = Pick<
  Subscription,
  'account' | 'topic' | 'protocol' | 'endpoint' | 'principal' | 'isPublicOnly' | 'base'
> & {
  settings: Partial<SubscriptionSettings>;
  /** Whether its endpoint has to say that it wants it. */
  needsConfirmation: boolean;
};

/** What is kept in the log for an endpoint that is posted to. */
export type Post =
  | { kind: 'message'; message: TopicMessage; attempts: number; firstMs: number }
  | { kind: 'confirmation'; id: string; askedMs: number; attempts: number; firstMs: number };

const topicPrefix = 'topic-of/';
const subscriptionPrefix = 'topic-subscription/';
const topicKey = (account: AccountId, name: string): string => `${topicPrefix}${account}/${name}`;
const subscriptionKey = (account: AccountId, id: string): string => `${subscriptionPrefix}${account}/${id}`;
/** Bytes of a token; SNS's are longer, and as good as unguessable. */
const tokenBytes = 64;

export type TopicsParts = {
  records: Records;
  log: Log;
  clock: Clock;
  ids: Ids;
  /** How subscriptions are kept; absent: as they are. */
  stored?: StoredSubscriptions;
};

export class Topics {
  readonly #parts: TopicsParts;
  readonly #stored: StoredSubscriptions;
  readonly #sealed: SealedBodies;
  readonly #inTurn: InTurn = createInTurn();
  readonly #topics = new Map<string, Topic>();
  readonly #subscriptions = new Map<string, Subscription>();
  /** By topic's key: what a message is held against. */
  readonly #byTopic = new Map<string, Map<string, Subscription>>();
  readonly #watchers = new Set<() => void>();

  private constructor(parts: TopicsParts) {
    this.#parts = parts;
    this.#stored = parts.stored ?? plainSubscriptions;
    this.#sealed = new SealedBodies(parts);
  }

  static async open(parts: TopicsParts): Promise<Topics> {
    const topics = new Topics(parts);
    for await (const { key, value } of scan(parts.records, topicPrefix)) topics.#topics.set(key, value as Topic);
    for await (const { value } of scan(parts.records, subscriptionPrefix)) topics.#hold(topics.#stored.open(value));
    return topics;
  }

  get(account: AccountId, name: string): Topic | undefined {
    return this.#topics.get(topicKey(account, name));
  }

  /** By name. */
  list(account: AccountId): readonly Topic[] {
    return [...this.#topics.values()]
      .filter((topic) => topic.account === account)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The one that is there, whatever it is set to, or a new one. */
  create(
    account: AccountId,
    name: string,
    made: { settings?: Partial<TopicSettings>; tags?: Readonly<Record<string, string>>; application?: string } = {},
  ): Promise<Topic> {
    return this.#inTurn(topicKey(account, name), async () => {
      const present = this.get(account, name);
      if (present !== undefined) return present;
      const settings: TopicSettings = { ...topicSettingsDefault, ...made.settings };
      checkTopicName(name, settings.fifo !== undefined);
      this.#checkCount(account, settings);
      return this.#write({
        account,
        name,
        createdMs: this.#parts.clock.now(),
        settings,
        tags: made.tags ?? {},
        life: `${account}/${name}/${this.#parts.ids.hex(8)}`,
        ...(made.application !== undefined && { application: made.application }),
      });
    });
  }

  /** `change` answers what is different. Throws `not_found`. */
  update(
    account: AccountId,
    name: string,
    change: (topic: Topic) => Partial<Pick<Topic, 'settings' | 'tags' | 'application'>>,
  ): Promise<Topic> {
    return this.#inTurn(topicKey(account, name), () => {
      const topic = this.need(account, name);
      return this.#write({ ...topic, ...change(topic) });
    });
  }

  /** With its subscriptions; what has not gone out yet goes nowhere. False: there was none. */
  delete(account: AccountId, name: string): Promise<boolean> {
    const key = topicKey(account, name);
    return this.#inTurn(key, async () => {
      const topic = this.#topics.get(key);
      if (topic === undefined) return false;
      const subscriptions = this.subscriptionsOf(account, name);
      await this.#parts.records.transact([
        { kind: 'delete', key },
        ...subscriptions.map(({ id }) => ({ kind: 'delete' as const, key: subscriptionKey(account, id) })),
      ]);
      this.#topics.delete(key);
      this.#sealed.forget(topic.life);
      for (const subscription of subscriptions) this.#release(subscription);
      this.#changed();
      for (const subscription of subscriptions) await this.#parts.log.purge(postsTopic(subscription));
      return true;
    });
  }

  subscription(account: AccountId, id: string): Subscription | undefined {
    return this.#subscriptions.get(subscriptionKey(account, id));
  }

  /** In the order in which they were made. */
  subscriptions(account: AccountId): readonly Subscription[] {
    return [...this.#subscriptions.values()].filter((one) => one.account === account);
  }

  subscriptionsOf(account: AccountId, topic: string): readonly Subscription[] {
    return [...(this.#byTopic.get(topicKey(account, topic))?.values() ?? [])];
  }

  /** Of every account. */
  allSubscriptions(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  /** The one that this endpoint has already, whatever it is set to, or a new one. Throws `not_found`. */
  subscribe(wanted: Subscribing): Promise<Subscription> {
    const { account, topic, protocol, endpoint, needsConfirmation } = wanted;
    return this.#inTurn(topicKey(account, topic), async () => {
      this.need(account, topic);
      const others = this.subscriptionsOf(account, topic);
      const present = others.find((one) => one.protocol === protocol && one.endpoint === endpoint);
      if (present !== undefined && present.pending === undefined) return present;
      if (others.length >= topicLimits.subscriptionsMax) {
        throw new PlatformError(
          'conflict',
          `The topic ${topic} has ${topicLimits.subscriptionsMax} subscriptions, and no more are accepted.`,
          { reason: 'SubscriptionLimitExceeded' },
        );
      }
      const { clock, ids } = this.#parts;
      const nowMs = clock.now();
      const subscription: Subscription = present ?? {
        id: ids.uuid(),
        account,
        topic,
        protocol,
        endpoint,
        createdMs: nowMs,
        confirmation: { wasAuthenticated: !needsConfirmation, authenticatesUnsubscribe: false },
        principal: wanted.principal,
        isPublicOnly: wanted.isPublicOnly,
        base: wanted.base,
        settings: { ...subscriptionSettingsDefault, ...wanted.settings },
      };
      if (!needsConfirmation) return this.#writeSubscription(subscription);
      // Asked again, an endpoint that has not answered yet is asked again.
      const token = subscription.pending?.token ?? ids.hex(tokenBytes);
      const post: Post = { kind: 'confirmation', id: ids.uuid(), askedMs: nowMs, attempts: 0, firstMs: nowMs };
      return this.#writeSubscription(
        { ...subscription, pending: { token, expiresMs: nowMs + confirmationMsMax } },
        { topic: postsTopic(subscription), id: post.id, body: JSON.stringify(post) },
      );
    });
  }

  /** Of the topic's subscriptions the one that has this token. Throws InvalidParameter. */
  confirm(
    account: AccountId,
    topic: string,
    token: string,
    confirmation: Subscription['confirmation'],
  ): Promise<Subscription> {
    return this.#inTurn(topicKey(account, topic), () => {
      const found = this.subscriptionsOf(account, topic).find(({ pending }) => pending?.token === token);
      if (found?.pending === undefined || found.pending.expiresMs < this.#parts.clock.now()) {
        throw new PlatformError('invalid_argument', 'Invalid parameter: Token', {
          field: 'Token',
          reason: 'InvalidParameter',
        });
      }
      const { pending: _pending, ...confirmed } = found;
      return this.#writeSubscription({ ...confirmed, confirmation });
    });
  }

  /** Throws `not_found`. */
  updateSubscription(
    account: AccountId,
    id: string,
    change: (settings: SubscriptionSettings) => SubscriptionSettings,
  ): Promise<Subscription> {
    const { topic } = this.needSubscription(account, id);
    return this.#inTurn(topicKey(account, topic), () => {
      const subscription = this.needSubscription(account, id);
      return this.#writeSubscription({ ...subscription, settings: change(subscription.settings) });
    });
  }

  /** What has not gone out to it is dropped. False: there was none. */
  async unsubscribe(account: AccountId, id: string): Promise<boolean> {
    const present = this.subscription(account, id);
    if (present === undefined) return false;
    return this.#inTurn(topicKey(account, present.topic), async () => {
      const subscription = this.subscription(account, id);
      if (subscription === undefined) return false;
      await this.#parts.records.transact([{ kind: 'delete', key: subscriptionKey(account, id) }]);
      this.#release(subscription);
      this.#changed();
      await this.#parts.log.purge(postsTopic(subscription));
      return true;
    });
  }

  /**
   * Durable once resolved; answers in their order. Throws `not_found`, what `checkTopicMessage` does, and what is wrong with the
   * topic's key for who publishes; then nothing was published. `keys`: what a topic with a key seals with; absent: it takes none.
   */
  async publish(
    account: AccountId,
    name: string,
    messages: readonly (PublishedMessage & { id?: string })[],
    keys: DataKeys = noKeys,
  ): Promise<{ id: string; sequenceNumber?: string }[]> {
    const topic = this.need(account, name);
    for (const message of messages) checkTopicMessage(message);
    const publishedMs = this.#parts.clock.now();
    const kept = messages.map((message): TopicMessage => ({
      ...message,
      ...(topic.settings.fifo !== undefined && {
        deduplicationId: message.deduplicationId ?? digestOf(message.message),
      }),
      id: message.id ?? this.#parts.ids.uuid(),
      publishedMs,
    }));
    const isOrdered = topic.settings.fifo !== undefined;
    const { keyId } = topic.settings;
    const of = { account, topic: name, life: topic.life };
    const bodies = kept.map((message) => ({ message, body: JSON.stringify({ ...of, message } satisfies Published) }));
    const sealed =
      keyId === undefined
        ? bodies
        : await this.#sealed.seal(bodies, topic.life, { account, name }, { keyId, reuseMs: dataKeyReuseMs }, keys);
    const appended = await this.#parts.log.append(
      isOrdered ? publishedTopics.ordered : publishedTopics.plain,
      sealed.map(({ message, body }) => ({ id: message.id, body, ...(isOrdered && placeOf(topic, message)) })),
    );
    return appended.map(({ id, sequence }) => ({ id, ...(isOrdered && { sequenceNumber: sequenceNumber(sequence) }) }));
  }

  /** Calls back when a topic or a subscription is made, changed or deleted. */
  watch(changed: () => void): { stop(): void } {
    this.#watchers.add(changed);
    return { stop: () => void this.#watchers.delete(changed) };
  }

  need(account: AccountId, name: string): Topic {
    const topic = this.get(account, name);
    if (topic !== undefined) return topic;
    throw new PlatformError('not_found', 'Topic does not exist', { field: 'TopicArn', reason: 'NotFound' });
  }

  needSubscription(account: AccountId, id: string): Subscription {
    const subscription = this.subscription(account, id);
    if (subscription !== undefined) return subscription;
    throw new PlatformError('not_found', 'Subscription does not exist', {
      field: 'SubscriptionArn',
      reason: 'NotFound',
    });
  }

  #checkCount(account: AccountId, { fifo }: TopicSettings): void {
    const topics = this.list(account);
    const kind = fifo === undefined ? '' : 'FIFO ';
    const max = fifo === undefined ? topicLimits.topicsMax : topicLimits.fifoTopicsMax;
    const count = fifo === undefined ? topics.length : topics.filter(({ settings }) => settings.fifo).length;
    if (count < max) return;
    throw new PlatformError('conflict', `The account has ${max} ${kind}topics, and no more are accepted.`, {
      reason: 'TopicLimitExceeded',
    });
  }

  async #write(topic: Topic): Promise<Topic> {
    const key = topicKey(topic.account, topic.name);
    await this.#parts.records.transact([{ kind: 'put', key, value: topic }]);
    this.#topics.set(key, topic);
    this.#changed();
    return topic;
  }

  async #writeSubscription(
    subscription: Subscription,
    post?: { topic: string; id: string; body: string },
  ): Promise<Subscription> {
    await this.#parts.records.transact([
      {
        kind: 'put',
        key: subscriptionKey(subscription.account, subscription.id),
        value: this.#stored.seal(subscription),
      },
      ...(post === undefined
        ? []
        : [{ kind: 'append' as const, topic: post.topic, message: { id: post.id, body: post.body } }]),
    ]);
    this.#hold(subscription);
    this.#changed();
    return subscription;
  }

  #hold(subscription: Subscription): void {
    const { account, id, topic } = subscription;
    this.#subscriptions.set(subscriptionKey(account, id), subscription);
    const key = topicKey(account, topic);
    const ofTopic = this.#byTopic.get(key) ?? new Map<string, Subscription>();
    this.#byTopic.set(key, ofTopic.set(id, subscription));
  }

  #release({ account, id, topic }: Subscription): void {
    this.#subscriptions.delete(subscriptionKey(account, id));
    const key = topicKey(account, topic);
    const ofTopic = this.#byTopic.get(key);
    ofTopic?.delete(id);
    if (ofTopic?.size === 0) this.#byTopic.delete(key);
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** Its group, of which nothing overtakes it, and what it is told apart by for five minutes. */
function placeOf({ life, settings: { fifo } }: Topic, message: TopicMessage): Pick<LogMessage, 'group' | 'unique'> {
  const { groupId = '', deduplicationId = '' } = message;
  const scope = fifo?.scope === 'group' ? groupId : '';
  return {
    group: { name: JSON.stringify([life, groupId]), ordered: true },
    unique: {
      key: JSON.stringify([life, scope, deduplicationId]),
      untilMs: message.publishedMs + rememberedMs,
    },
  };
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** SNS's have 20 digits, and only grow. */
export const sequenceNumber = (sequence: number): string => `1${String(sequence).padStart(19, '0')}`;
