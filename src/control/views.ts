/** What the admin API answers, as JSON carries it: for its endpoints, and for the command line that reads them. */
import type { FunctionError } from '../sandbox/sandbox.ts';
import type { UsageRow } from '../metering/usage-row.ts';
import type { EnvironmentRecord } from '../starts/environment-record.ts';
import type { MinuteCounts } from '../starts/start-counts.ts';
import type { GroupView } from '../starts/start-group.ts';
import type { StartReason } from '../telemetry/start-reason.ts';
import type { LogLine, Phases, StartKind } from '../telemetry/telemetry.ts';
import type { LimitProfileName } from '../util/limit-profiles.ts';

export type PlatformView = {
  version: string;
  account: string;
  region: string;
  /** Whose limits of time and memory hold for functions that name none. */
  limits: LimitProfileName;
  mode: 'serve' | 'dev';
  apiPort: number;
  httpPort: number;
  dataFolder: string;
  startedMs: number;
};

export type FunctionView = {
  name: string;
  arn: string;
  application?: string | undefined;
  runtime: string;
  handler: string;
  memoryMb: number;
  timeoutMs: number;
  /** The live one, or $LATEST where nothing is live. */
  version: string;
  /** How many there have been. */
  versions: number;
  /** Of the zip. */
  codeBytes?: number | undefined;
  urls: readonly string[];
  /** Readable. */
  sources: readonly string[];
  environments: { busy: number; idle: number };
  deadLetters: number;
  /** Since the platform started. */
  lastInvokedMs?: number | undefined;
};

/** What each status has is in docs/reference/control-api.md; of an accepted event there is only the request id. */
export type InvocationView = {
  status: 'ok' | 'function_error' | 'throttled' | 'recursion' | 'not_found' | 'unavailable';
  requestId: string;
  version?: string;
  payload?: unknown;
  error?: FunctionError;
  message?: string;
  reason?: string;
  retryAfterMs?: number;
  hops?: number;
  log?: readonly string[];
  phases?: Phases;
  billedMs?: number;
  start?: StartKind;
  /** Why no warm environment was there. */
  startReason?: StartReason;
  /** The same, and what could be done about it, in sentences. */
  why?: string;
  advice?: string;
  memoryBytesMax?: number | undefined;
};

export type LogView = {
  timeMs: number;
  functionName: string;
  requestId?: string | undefined;
  origin: LogLine['origin'];
  text: string;
  version: string;
  environmentId: string;
};

/** An environment's life. `why`: it was started. `isLost`: it ended with a platform that could not say so. */
export type EnvironmentView = Omit<EnvironmentRecord, 'ended'> & {
  why: string;
  ended?: NonNullable<EnvironmentRecord['ended']> & { why: string };
  isLost?: true;
};

/** One attempt of a request, explained. `environment`: absent where it is not known (any more). */
export type AttemptView = Pick<
  UsageRow,
  'attempt' | 'functionName' | 'version' | 'source' | 'status' | 'start' | 'billedMs' | 'memoryMb'
> & {
  /** When the platform had its first byte, and when it was settled. */
  receivedMs: number;
  settledMs: number;
  /** When it was accepted for later: it was asynchronous. */
  acceptedMs?: number;
  startReason?: StartReason;
  why: string;
  advice?: string;
  phases: Phases;
  totalUs: number;
  environment?: EnvironmentView;
};

export type ExplainedInvocationView = { requestId: string; attempts: readonly AttemptView[] };

/** `sinceMs`: what is older is not in it. Functions and kinds of packages with the most cold starts first. */
export type ColdStartsView = {
  sinceMs: number;
  untilMs: number;
  total: GroupView;
  functions: readonly (GroupView & { functionName: string; runtime: string; packageBytes?: number | undefined })[];
  /** How many functions are not among them. */
  functionsLeftOut: number;
  packages: readonly (GroupView & { runtime: string; size: string })[];
  /** Of all functions together; absent where one was asked for. */
  timeline?: { slotMs: number; slots: readonly { timeMs: number; starts: MinuteCounts }[] };
};

export type ApplicationView = { application: string; functions: readonly string[] };
/** `objects`, `bytes`: absent where there are more than are counted at one look. */
export type BucketView = { name: string; objects?: number; bytes?: number };
/** `direction`: `out` was sent, `in` arrived. `state`: waiting, captured, sent, bounced, suppressed, complained. */
export type MailView = {
  id: string;
  direction: 'out' | 'in';
  timeMs: number;
  from: string;
  subject: string;
  bytes: number;
  recipients: readonly { address: string; state: string; detail?: string }[];
};
/** `subscriptions`: those made through an API; functions name theirs among what makes them run. */
export type TopicView = { name: string; subscriptions: number };
/** `rules`: those made through an API; functions name their patterns among what makes them run. */
export type TableView = { name: string; items: number; bytes: number; indexes: number };
export type BusView = { name: string; rules: number };
export type QueueView = { name: string; ready: number; delayed: number; leased: number };
