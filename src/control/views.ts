/** What the admin API answers, as JSON carries it: for its endpoints, and for the command line that reads them. */
import type { FunctionError } from '../sandbox/sandbox.ts';
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

export type ApplicationView = { application: string; functions: readonly string[] };
export type BucketView = { name: string; objects?: number; bytes?: number };
export type QueueView = { name: string; ready: number; delayed: number; leased: number };
