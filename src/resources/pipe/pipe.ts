/** From a queue, through a filter and an enrichment, to a target. */
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

export type PipeSettings = {
  description?: string;
  isWanted: boolean;
  roleArn: string;
  /** The ARN of a queue. */
  source: string;
  batchMax: number;
  windowMs: number;
  /** EventBridge patterns; absent: every message. */
  filters?: readonly string[];
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
