/** What a route for CloudEvents says of itself: where it answers, who may send, which events are wanted, and what becomes of them. */

export const replyModes = ['binary', 'structured'] as const;

type Attributes = Readonly<Record<string, string>>;

/**
 * A filter, as CloudEvents' Subscriptions API words them; of several attributes all must match.
 * https://github.com/cloudevents/spec/blob/main/subscriptions/spec.md#324-filters
 */
export type CloudEventFilter =
  | { kind: 'exact' | 'prefix' | 'suffix'; attributes: Attributes }
  | { kind: 'all' | 'any'; filters: readonly CloudEventFilter[] }
  | { kind: 'not'; filter: CloudEventFilter };

export type CloudEventSource = {
  kind: 'cloudevent';
  /** Without parameters. */
  path: string;
  /** Variables of the function's environment: a sender's token is one of their values. None: anybody may send. */
  secrets: readonly string[];
  /** All of them must match; JSON. Absent: every event is wanted. */
  filter?: string;
  /** The sender waits, and a CloudEvent that the function answers goes out in this mode. Absent: asynchronous. */
  reply?: (typeof replyModes)[number];
  /** The event bus on which events are put, instead of into the function. */
  bus?: string;
};

export const cloudEventLimits = {
  /** The old one, the new one, and one to spare: a rotation needs two. */
  secretsMax: 3,
  /** Characters of a filter. */
  filterLengthMax: 32 * 1024,
  /** What one level of a filter stands in another. */
  filterDepthMax: 16,
  /** Of a batch: half a commit of the store, which takes all of a batch or nothing. */
  batchEventsMax: 1_000,
} as const;
