/** Who gets a topic's messages, and which of them. */
import type { AccountId } from '../util/ids.ts';

/** As SNS names them; what is not here is not delivered to. */
export const subscriptionProtocols = ['lambda', 'sqs', 'http', 'https', 'email', 'email-json'] as const;
export type SubscriptionProtocol = (typeof subscriptionProtocols)[number];

/** Those whose endpoint is asked first, and is told by what waits in a log of its own. */
export const isAsked = (protocol: SubscriptionProtocol): boolean => protocol !== 'lambda' && protocol !== 'sqs';

export type SubscriptionSettings = {
  /** The message alone, without what SNS says of it. */
  isRaw: boolean;
  /** A pattern as JSON; absent: every message. */
  filter?: string;
  filterScope: 'attributes' | 'body';
  /** JSON of `{ healthyRetryPolicy … }`, as it was set. */
  deliveryPolicy?: string;
  /** The ARN of the queue for what could not be delivered. */
  deadLetterQueue?: string;
};

export const subscriptionSettingsDefault: SubscriptionSettings = Object.freeze({
  isRaw: false,
  filterScope: 'attributes',
});

export type Subscription = {
  /** A UUID, the last part of its ARN. */
  id: string;
  account: AccountId;
  /** The topic's name. */
  topic: string;
  protocol: SubscriptionProtocol;
  /** An ARN, a URL or a mail address. */
  endpoint: string;
  createdMs: number;
  /** Nothing is delivered while it waits for its endpoint to give back `token`. */
  pending?: { token: string; expiresMs: number };
  confirmation: { wasAuthenticated: boolean; authenticatesUnsubscribe: boolean };
  /** The ARN of who subscribed. */
  principal: string;
  /** Whether only addresses of the open internet may be delivered to: a function asked for it. */
  isPublicOnly: boolean;
  /** Where the endpoint reaches us: `http://127.0.0.1:4566`. */
  base: string;
  settings: SubscriptionSettings;
};

/** As it is shown: an address without the password in it. */
export const withoutPassword = (endpoint: string): string =>
  endpoint.replace(/^(https?:\/\/[^/@:]*):[^/@]*@/, '$1:****@');

/** Its endpoint confirms within this time. https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html */
export const confirmationMsMax = 2 * 24 * 3_600_000;

/** What there is to say to an endpoint that is asked first: kept in the log under the subscription's name. */
export const postsTopic = ({ account, id }: Pick<Subscription, 'account' | 'id'>): string =>
  `topic-post/${account}/${id}`;
