/**
 * Who a topic's messages go to: those who subscribed, and the functions that deployments bound to it, which are shown as
 * subscriptions of theirs.
 */
import type { Binding, Bindings, BindingSource } from '../registry/binding.ts';
import type { Topics } from '../resources/topic.ts';
import type { Subscription } from '../resources/topic-subscription.ts';
import { functionArn, latestVersion, type AccountId } from '../util/ids.ts';
import { parseTopicFilter, type TopicFilter } from './topic-filter.ts';

/** Where a function finds us, from inside. */
const insideBase = 'http://127.0.0.1:4566';

export type TopicBinding = Binding & { source: Extract<BindingSource, { kind: 'topic' }> };

export function subscriptionOfBinding(binding: TopicBinding, region: string): Subscription {
  const { account, id, functionName, qualifier, createdMs, source } = binding;
  const arn = functionArn(region, account, functionName);
  return {
    id,
    account,
    topic: source.topic,
    protocol: 'lambda',
    endpoint: qualifier === latestVersion ? arn : `${arn}:${qualifier}`,
    createdMs,
    confirmation: { wasAuthenticated: true, authenticatesUnsubscribe: true },
    principal: `arn:aws:iam::${account}:root`,
    isPublicOnly: false,
    base: insideBase,
    settings: {
      isRaw: false,
      filterScope: source.filterScope,
      ...(source.filter !== undefined && { filter: source.filter }),
    },
  };
}

/** Asked for each message, so that what bindings come to is kept until one changes. */
export class TopicSubscribers implements Disposable {
  readonly #topics: Topics;
  readonly #bindings: Bindings;
  readonly #region: string;
  readonly #watch: { stop(): void };
  /** By account and topic. */
  #bound: Map<string, Subscription[]> | undefined;
  readonly #filters = new WeakMap<Subscription, TopicFilter>();

  constructor(parts: { topics: Topics; bindings: Bindings; region: string }) {
    this.#topics = parts.topics;
    this.#bindings = parts.bindings;
    this.#region = parts.region;
    this.#watch = parts.bindings.watch(() => (this.#bound = undefined));
  }

  [Symbol.dispose](): void {
    this.#watch.stop();
  }

  /** Those that wait for their confirmation, too. */
  of(account: AccountId, topic: string): readonly Subscription[] {
    this.#bound ??= Map.groupBy(
      this.#bindings.ofKind('topic').map((binding) => subscriptionOfBinding(binding, this.#region)),
      (bound) => `${bound.account}/${bound.topic}`,
    );
    const bound = this.#bound.get(`${account}/${topic}`);
    const subscribed = this.#topics.subscriptionsOf(account, topic);
    return bound === undefined ? subscribed : [...subscribed, ...bound];
  }

  /** A policy was looked at when it was set, so that it is one. */
  filterOf(subscription: Subscription): TopicFilter | undefined {
    const { filter, filterScope } = subscription.settings;
    if (filter === undefined) return undefined;
    const known = this.#filters.get(subscription) ?? parseTopicFilter(filter, filterScope);
    this.#filters.set(subscription, known);
    return known;
  }
}
