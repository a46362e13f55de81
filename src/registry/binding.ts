/** What makes a function run: one event source bound to one function. */
import type { AccountId } from '../util/ids.ts';
import type { CloudEventSource } from './cloudevent-source.ts';
import type { WebhookSource } from './webhook-source.ts';

export type BindingSource =
  /** `method` may be `ANY`; `path` has `{name}` and, last, `{name+}` segments. */
  | { kind: 'http'; method: string; path: string }
  /** `events`: S3's names without `s3:`, `ObjectCreated:*`. */
  | { kind: 'bucket'; bucket: string; events: readonly string[]; prefix: string; suffix: string }
  /** `rate(…)` or `cron(…)` in EventBridge's grammar; `timeZone` is an IANA name. `input`: JSON given instead of the schedule's own event. */
  | { kind: 'schedule'; expression: string; timeZone: string; enabled: boolean; input?: string }
  | {
      kind: 'queue';
      queue: string;
      batchMax: number;
      windowMs: number;
      reportsFailures: boolean;
      /** Absent: true. */
      enabled?: boolean;
      /** EventBridge patterns: a message that none of them matches is dropped. Absent: all are given. */
      filters?: readonly string[];
      /** Batches that run at once; absent: as many as there is room for. */
      concurrencyMax?: number;
    }
  | TableSource
  /** `filter`: a filter policy as JSON; absent: every message. */
  | { kind: 'topic'; topic: string; filter?: string; filterScope: 'attributes' | 'body' }
  | WebhookSource
  | CloudEventSource
  /** `address`: or a domain, `@example.com`. `bucket`: where each mail is put, under its id. */
  | { kind: 'email'; address: string; bucket?: string }
  /** `pattern`: an EventBridge pattern as JSON. */
  | { kind: 'bus'; bus: string; pattern: string };

/** Changes of a table's items, as its stream tells of them. */
export type TableSource = {
  kind: 'table';
  table: string;
  /** The label of one of the table's streams; absent: the one that it has. */
  stream?: string;
  /** `latest`: from when the binding was made. */
  startAt: 'oldest' | 'latest';
  batchMax: number;
  windowMs: number;
  /** Batches of a shard that run at once; those of one item never do. */
  parallel: number;
  /** A batch that fails is tried again in halves. */
  bisects: boolean;
  reportsFailures: boolean;
  /** Absent: until the records are too old. */
  retriesMax?: number;
  /** Absent: as old as records can be. */
  ageMaxMs?: number;
  /** Of time windows, each with a state that is handed on. */
  tumblingMs?: number;
  /** The ARN of a queue, topic or bucket that is told of what is given up. */
  onFailure?: string;
  /** Absent: true. */
  enabled?: boolean;
  /** EventBridge patterns: a change that none of them matches is passed over. Absent: all are given. */
  filters?: readonly string[];
};

/** What a source may say at the most. */
export const sourceLimits = {
  /** Messages in one event. https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html */
  batchMax: 10_000,
  /** How long a batch may fill (same page). */
  windowMsMax: 300_000,
  /** Batches of a stream's shard that run at once (same page). */
  parallelMax: 10,
  /** Of a stream's batch (same page). */
  retriesMax: 10_000,
  recordAgeMs: { min: 60_000, max: 604_800_000 },
  tumblingMs: { min: 1_000, max: 900_000 },
  /** Of one source. https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html */
  filtersMax: 5,
  /** Characters of a schedule's own input, as JSON. https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Target.html */
  inputLengthMax: 256 * 1024,
  /** Characters of any other text: a route's path, an expression, the beginning or end of a key (S3's longest key). */
  textLengthMax: 1_024,
  /** Sources of one function: more than any has had. */
  sourcesMax: 100,
} as const;

export type Binding = {
  /** Unique in the account; derived from function and source, so that a deployment repeats itself. */
  id: string;
  account: AccountId;
  functionName: string;
  /** Alias or version that it calls. */
  qualifier: string;
  /** The deployment that owns it; absent: made through an API. */
  application?: string;
  createdMs: number;
  /** Absent: not since it was made. */
  modifiedMs?: number;
  tags?: Readonly<Record<string, string>>;
  source: BindingSource;
};

/** Read from memory at once; written to disk before it answers. */
export interface Bindings {
  list(account: AccountId): readonly Binding[];
  /** All accounts, one kind: what an entrance builds its tables from. */
  ofKind<Kind extends BindingSource['kind']>(
    kind: Kind,
  ): readonly (Binding & { source: Extract<BindingSource, { kind: Kind }> })[];
  put(binding: Binding): Promise<void>;
  delete(account: AccountId, id: string): Promise<boolean>;
  watch(changed: () => void): { stop(): void };
}
