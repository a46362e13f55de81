/** From a queue or a table's stream, through a filter and an enrichment, to a target. */
import type { AccountId } from '../../util/ids.ts';
import type { HttpParameters } from '../event-bus/rule.ts';

export type PipeStep = {
  arn: string;
  /** `<$.body.id>` stands for what the event has there; absent: the event as it is. */
  template?: string;
  http?: HttpParameters;
};

export type PipeTarget = PipeStep & {
  /** Of a function: its answer is waited for, and decides what becomes of the messages. */
  waits: boolean;
  /** In a FIFO queue; may be a path into the event. */
  groupId?: string;
  /** On an event bus; may be paths into the event. */
  event?: { source?: string; detailType?: string };
};

export type PipeStream = {
  /** `latest`: from when the pipe was made. */
  startAt: 'oldest' | 'latest';
  /** Batches of a shard that run at once. */
  parallel: number;
  /** A batch that fails is tried again in halves. */
  bisects: boolean;
  /** Absent: until what is in it is too old. */
  retriesMax?: number;
  ageMaxMs?: number;
  /** A queue or topic that is told of what is given up. */
  deadLetterArn?: string;
};

export type PipeSettings = {
  description?: string;
  isWanted: boolean;
  roleArn: string;
  /** The ARN of a queue, or of a table's stream. */
  source: string;
  batchMax: number;
  windowMs: number;
  /** EventBridge patterns; absent: every message. */
  filters?: readonly string[];
  /** Of a stream. */
  stream?: PipeStream;
  enrichment?: PipeStep;
  target: PipeTarget;
  /** As it was set: nothing is logged by it. */
  logging?: unknown;
};

export type Pipe = {
  account: AccountId;
  name: string;
  settings: PipeSettings;
  tags: Readonly<Record<string, string>>;
  createdMs: number;
  modifiedMs: number;
  /** Different for each pipe that has ever been there. */
  life: string;
};
