/**
 * The endpoints that are posted to: for each a delivery of its own from a log of its own, so that one that is slow or gone
 * holds up nobody else. A post is made until it is answered well, until what was answered says that there is no use, or
 * until its delivery policy ends; then it goes where the subscription's dead letters go.
 *
 *   waits ─▶ posted ─▶ 2xx ─▶ acknowledged
 *              │ ▲──── 429, 5xx, 1xx, no answer: back in the log, `attempts` + 1, delayed by the policy
 *              └─▶ any other answer, or no attempt left ─▶ dead letter, or dropped ─▶ acknowledged
 *
 * A crash between any two steps repeats the post; its message id is the same.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
import type { MessageSigner } from '../identity/message-signer.ts';
import type { Mails } from '../resources/mail.ts';
import { textFor } from '../resources/topic-message.ts';
import { isAsked, postsTopic, withoutPassword, type Subscription } from '../resources/topic-subscription.ts';
import type { Post, Topic, Topics } from '../resources/topic.ts';
import type { Log } from '../store/log.ts';
import type { DeliveryStep, Telemetry } from '../telemetry/telemetry.ts';
import { never } from '../util/assert.ts';
import type { Clock } from '../util/clock.ts';
import { derivedUuid, type AccountId, type Ids } from '../util/ids.ts';
import { Delivery, done, type Handled } from './deliver.ts';
import { createPoster, type Posted } from './post.ts';
import { createPacer, type Pacer } from './pacer.ts';
import { setAside } from './set-aside.ts';
import type { Report } from './source.ts';
import { signedBy, type FanOut } from './topic-fan-out.ts';
import {
  confirmation,
  confirmationFields,
  notification,
  notificationFields,
  subscriptionArn,
  textToSign,
  topicArn,
} from './topic-notification.ts';
import { mailConfirmation, mailNotice } from './topic-mail.ts';
import { effectivePolicy, retryDelayMs, type DeliveryPolicy } from './topic-retry.ts';
import { UnderWay } from './under-way.ts';

export type PostsParts = {
  region: string;
  log: Log;
  topics: Topics;
  signer: MessageSigner;
  mails: Pick<Mails, 'send'>;
  fanOut: FanOut;
  telemetry: Telemetry;
  clock: Clock;
  ids: Ids;
  report: Report;
};

type Held = { receipt: string; post: Post };

export const postsHolder = 'events/topic-posts';
/** More than a post takes; extended while it runs. */
const leaseMs = 60_000;
/** Posts to one endpoint at a time: what a web server of one processor answers well. */
const concurrencyMax = 16;
const userAgent = 'Amazon Simple Notification Service Agent';
const defaultContentType = 'text/plain; charset=UTF-8';

export class TopicPosts implements AsyncDisposable {
  readonly #parts: PostsParts;
  readonly #poster = createPoster();
  readonly #stopping = new AbortController();
  /** A subscription that has changed is looked up anew for each post. */
  readonly #deliveries = new UnderWay<Subscription>(
    (subscription) => this.#deliver(subscription),
    () => true,
  );
  readonly #watch: { stop(): void };

  constructor(parts: PostsParts) {
    this.#parts = parts;
    this.#watch = parts.topics.watch(() => this.#reconcile());
    this.#reconcile();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch.stop();
    this.#stopping.abort();
    await this.#deliveries[Symbol.asyncDispose]();
    await this.#poster[Symbol.asyncDispose]();
  }

  #reconcile(): void {
    const asked = this.#parts.topics.allSubscriptions().filter(({ protocol }) => isAsked(protocol));
    this.#deliveries.want(new Map(asked.map((subscription) => [postsTopic(subscription), subscription])));
  }

  #deliver({ account, id }: Subscription): AsyncDisposable {
    const { log, clock, ids, report } = this.#parts;
    const logTopic = postsTopic({ account, id });
    const pacer = createPacer(clock, this.#stopping.signal);
    return new Delivery<Held>(
      {
        name: `posts to the subscription ${id}`,
        watch: (ready) => log.watch(logTopic, ready),
        take: async (max) =>
          (await log.receive(logTopic, { max, leaseMs, holder: postsHolder })).map(({ receipt, body }) => ({
            receipt,
            post: JSON.parse(body) as Post,
          })),
        handle: (held) => this.#handle(logTopic, account, id, held, pacer),
        setAside: ({ receipt, post }) =>
          setAside(log, logTopic, [{ id: derivedUuid('aside', receipt), body: JSON.stringify(post), receipt }]),
        extend: ({ receipt }) => log.extend(logTopic, receipt, leaseMs),
      },
      { concurrencyMax, aheadMax: concurrencyMax, extendEveryMs: leaseMs / 3 },
      { clock, ids, report },
    );
  }

  async #handle(logTopic: string, account: AccountId, id: string, held: Held, pacer: Pacer): Promise<Handled> {
    const { log, topics, ids } = this.#parts;
    const { post, receipt } = held;
    const subscription = topics.subscription(account, id);
    const topic = subscription === undefined ? undefined : topics.get(account, subscription.topic);
    const isDue = subscription !== undefined && (post.kind === 'confirmation') === (subscription.pending !== undefined);
    if (topic === undefined || !isDue) {
      await log.acknowledge(logTopic, [receipt], { as: 'dropped' });
      return done;
    }
    if (subscription.protocol === 'email' || subscription.protocol === 'email-json') {
      await this.#mail(topic, subscription, post);
      await log.acknowledge(logTopic, [receipt], { as: 'succeeded' });
      return done;
    }
    const policy = effectivePolicy(topic.settings.deliveryPolicy, subscription.settings.deliveryPolicy);
    if (policy.throttlePolicy !== undefined) await pacer(policy.throttlePolicy.maxReceivesPerSecond);
    if (this.#stopping.signal.aborted) return { status: 'later', retryAfterMs: 0 };
    const beganMs = this.#parts.clock.monotonicMs();
    const posted = await this.#post(topic, subscription, post, policy);
    const outcome = outcomeOf(posted);
    const tell = (step: DeliveryStep): void => {
      if (post.kind === 'message') this.#tell(subscription, post.message.id, step);
    };
    tell({
      kind: 'attempt',
      number: post.attempts + 1,
      isOk: outcome.kind === 'taken',
      tookMs: this.#parts.clock.monotonicMs() - beganMs,
      ...(outcome.kind !== 'taken' && { detail: `${outcome.code}: ${outcome.why}` }),
    });
    if (outcome.kind === 'taken') {
      await log.acknowledge(logTopic, [receipt], { as: 'succeeded' });
      tell({ kind: 'ended', outcome: 'succeeded' });
      return done;
    }
    const attempts = post.attempts + 1;
    const delayMs = outcome.kind === 'retry' ? retryDelayMs(policy.healthyRetryPolicy, attempts) : undefined;
    if (delayMs === undefined) {
      const { code, why } = outcome;
      let as: 'dead' | 'dropped' = 'dropped';
      if (post.kind === 'message')
        as = await this.#parts.fanOut.giveUp(
          topic,
          { region: this.#parts.region, subscription, message: post.message },
          { code, why },
        );
      else this.#parts.report(`the endpoint of the subscription ${id} was not asked for its confirmation`, why);
      await log.acknowledge(logTopic, [receipt], { as });
      tell({ kind: 'ended', outcome: as });
      return done;
    }
    // Up to a fifth more, so that what failed together does not come back together.
    const spreadMs = (delayMs / 5) * (Number.parseInt(ids.hex(4), 16) / 2 ** 32);
    const body = JSON.stringify({ ...post, attempts } satisfies Post);
    await log.redeliver(logTopic, receipt, { delayMs: delayMs + spreadMs, body });
    tell({ kind: 'retry', delayMs: delayMs + spreadMs });
    return done;
  }

  /** For who asks what became of a message. */
  #tell({ id, account, endpoint }: Subscription, messageId: string, step: DeliveryStep): void {
    const { telemetry, clock } = this.#parts;
    const place = withoutPassword(endpoint);
    const told = { id: derivedUuid('topic', messageId, id), place, source: 'topic', from: [messageId] };
    telemetry.emit({ kind: 'delivery', timeMs: clock.now(), account, ...told, step });
  }

  async #post(topic: Topic, subscription: Subscription, post: Post, policy: DeliveryPolicy): Promise<Posted> {
    const { region } = this.#parts;
    const { isRaw } = subscription.settings;
    const isNotification = post.kind === 'message';
    return this.#poster.post({
      url: new URL(subscription.endpoint),
      isPublicOnly: subscription.isPublicOnly,
      headers: {
        'content-type': (isNotification ? policy.requestPolicy?.headerContentType : undefined) ?? defaultContentType,
        'user-agent': userAgent,
        'x-amz-sns-message-type': isNotification ? 'Notification' : 'SubscriptionConfirmation',
        'x-amz-sns-message-id': isNotification ? post.message.id : post.id,
        'x-amz-sns-topic-arn': topicArn(region, subscription),
        ...(isNotification && { 'x-amz-sns-subscription-arn': subscriptionArn(region, subscription) }),
        ...(isNotification && isRaw && { 'x-amz-sns-rawdelivery': 'true' }),
      },
      body: await this.#bodyOf(topic, subscription, post),
    });
  }

  /** What becomes of a mail is the mailbox's, and the relay's. */
  #mail(topic: Topic, subscription: Subscription, post: Post): Promise<void> {
    const { region, signer } = this.#parts;
    if (post.kind === 'confirmation')
      return mailConfirmation(this.#parts, topic, subscription, confirmationFields(region, subscription, post));
    const { message } = post;
    const text = textToSign(notificationFields({ region, subscription, message }));
    const signed = () => signedBy(signer, topic, subscription.base, text);
    return mailNotice(this.#parts, topic, subscription, message, signed);
  }

  async #bodyOf(topic: Topic, subscription: Subscription, post: Post): Promise<string> {
    const { region, signer } = this.#parts;
    const signed = (fields: Readonly<Record<string, string | undefined>>) =>
      signedBy(signer, topic, subscription.base, textToSign(fields));
    switch (post.kind) {
      case 'confirmation': {
        const fields = confirmationFields(region, subscription, post);
        return confirmation(fields, await signed(fields));
      }
      case 'message': {
        const { message } = post;
        if (subscription.settings.isRaw) return textFor(message, subscription.protocol);
        const addressed = { region, subscription, message };
        return notification(addressed, await signed(notificationFields(addressed)));
      }
      default:
        return never(post);
    }
  }
}

type Outcome = { kind: 'taken' } | { kind: 'retry' | 'refused'; code: number; why: string };

/** https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html */
function outcomeOf(posted: Posted): Outcome {
  switch (posted.kind) {
    case 'answered': {
      const { status } = posted;
      if (status >= 200 && status < 300) return { kind: 'taken' };
      const kind = status === 429 || status >= 500 || status < 200 ? 'retry' : 'refused';
      return { kind, code: status, why: `the endpoint answered with status ${status}` };
    }
    case 'unreachable':
      return { kind: 'retry', code: 503, why: posted.message };
    case 'refused':
      return { kind: 'refused', code: 403, why: posted.message };
    default:
      return never(posted);
  }
}
