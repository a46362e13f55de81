/** Schedules as EventBridge Scheduler has them: when something is sent, once or again and again, and where to. */
import type { AccountId } from '../../util/ids.ts';
import type { TargetRetry } from '../event-bus/rule.ts';

export type ScheduledTarget = {
  arn: string;
  roleArn: string;
  /** Absent: the scheduler's own event. */
  input?: string;
  /** In a FIFO queue. */
  groupId?: string;
  /** For an event bus. */
  event?: { source: string; detailType: string };
  /** The ARN of a queue. */
  deadLetterQueue?: string;
  /** As it was set; what is not is the default. */
  retry: Partial<TargetRetry>;
};

/** What a caller sets, all of it. */
export type ScheduledSettings = {
  description?: string;
  /** `at(…)`, `rate(…)` or `cron(…)`. */
  expression: string;
  /** IANA name. */
  timeZone: string;
  /** Nothing is sent before, and nothing after. */
  startMs?: number;
  endMs?: number;
  isEnabled: boolean;
  /** It is sent at some time within so long after it is due. 0: when it is due. */
  windowMs: number;
  isDeletedWhenOver: boolean;
  target: ScheduledTarget;
};

export type Scheduled = {
  account: AccountId;
  group: string;
  name: string;
  settings: ScheduledSettings;
  createdMs: number;
  /** What the call that made it named itself by: the same call again makes nothing. Gone once it was changed. */
  clientToken?: string;
  /** When it was last set: what was due before does not count. */
  countedFromMs: number;
  /** The last due time that was sent or passed over; absent: none since then. */
  firedMs?: number;
};

export type ScheduleGroup = {
  account: AccountId;
  name: string;
  createdMs: number;
  modifiedMs: number;
  tags: Readonly<Record<string, string>>;
  clientToken?: string;
};

export const defaultGroup = 'default';
