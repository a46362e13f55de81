/** What is taken of a stream at once by somebody who takes it, and what came of it. */
import type { FunctionError } from '../sandbox/sandbox.ts';
import type { Cause } from '../util/cause.ts';
import type { VersionId } from '../util/ids.ts';

/** A record, as it is handed on. */
export type StreamItem = {
  sequence: string;
  timeMs: number;
  /** What is told of it. */
  event: object;
  /** As JSON, about. */
  bytes: number;
  cause: Cause;
};

/** A piece of time whose records are handed on with what came of those before. */
export type TimeWindow = {
  startMs: number;
  endMs: number;
  /** JSON; an empty object to begin with. */
  state: object;
  /** After all its records, with none. */
  isFinal: boolean;
  /** Its state has grown too large: it ends here, and begins anew. */
  isTerminatedEarly: boolean;
};

export type StreamBatch = {
  shard: string;
  /** In order. Empty: the end of a window. */
  items: readonly StreamItem[];
  /** From 1. */
  attempt: number;
  window?: TimeWindow;
};

export type BatchTaken =
  /** `state`: of its window. */
  | { status: 'done'; state?: object }
  /** All before `failedFrom`, the place of an item, are done. */
  | { status: 'partly'; failedFrom: number; state?: object; failure: BatchFailure }
  | { status: 'failed'; failure: BatchFailure }
  /** It was not tried. */
  | { status: 'later'; retryAfterMs: number }
  /** Nothing would make it succeed: of several items, each is tried by itself. */
  | { status: 'hopeless'; message: string };

export type BatchFailure = { message: string; response?: { version: VersionId; error: FunctionError } };

export type BatchGivenUp = {
  condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded' | 'RecursiveLoopDetected';
  /** For people. */
  message: string;
  /** Attempts that ran. */
  attempts: number;
  response?: BatchFailure['response'];
};

export type StreamTaker = {
  /** Sees a batch through. What it throws counts as a failure, unless the platform is to blame. */
  take(batch: StreamBatch): Promise<BatchTaken>;
  /** Durable once resolved. */
  giveUp(batch: StreamBatch, why: BatchGivenUp): Promise<void>;
};

/** https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html */
export type BatchPolicy = {
  batchMax: number;
  /** How long a batch may fill. */
  windowMs: number;
  /** Attempts after the first; absent: until the records are too old. */
  retriesMax?: number;
  /** Absent: as old as records can be. */
  ageMaxMs?: number;
  /** What fails is tried again in halves. */
  bisects: boolean;
  /** Of time windows. */
  tumblingMs?: number;
};
