/** What of a bus's events somebody wants, and where they go. */
import type { AccountId } from '../../util/ids.ts';

export type RuleState = 'ENABLED' | 'DISABLED' | 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

/** What a target is sent in the event's place. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
export type TargetInput =
  | { kind: 'event' }
  /** JSON, whatever happened. */
  | { kind: 'constant'; text: string }
  /** The part of the event at that path. */
  | { kind: 'path'; path: string }
  /** `<name>` in the template stands for what the event has at that path. */
  | { kind: 'template'; paths: Readonly<Record<string, string>>; template: string };

/** Of an API destination, or of a route: what goes into its address. Values may be paths into the event (`$.detail.id`). */
export type HttpParameters = {
  pathValues: readonly string[];
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
};

/** How long a target is tried. Attempts are further ones, after the first. */
export type TargetRetry = { attemptsMax: number; ageMaxMs: number };

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html */
export const targetRetryDefault: TargetRetry = Object.freeze({ attemptsMax: 185, ageMaxMs: 24 * 3_600_000 });

export type Target = {
  id: string;
  arn: string;
  roleArn?: string;
  input: TargetInput;
  /** In a FIFO queue. */
  groupId?: string;
  http?: HttpParameters;
  /** The ARN of a queue. */
  deadLetterQueue?: string;
  /** As it was set; what is not is the default. */
  retry: Partial<TargetRetry>;
};

export type Rule = {
  account: AccountId;
  bus: string;
  name: string;
  description?: string;
  /** JSON; absent: it has a schedule alone. */
  pattern?: string;
  /** `rate(…)` or `cron(…)`, on the default bus. */
  schedule?: string;
  state: RuleState;
  roleArn?: string;
  tags: Readonly<Record<string, string>>;
  /** By id. */
  targets: readonly Target[];
  createdMs: number;
  /** Of its schedule: a rate counts from here, and what was due last is the other. Both anew when it is put. */
  countedFromMs: number;
  firedMs: number;
};

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
export const ruleLimits = {
  /** Of one bus. */
  rulesMax: 300,
  targetsMax: 5,
  busesMax: 100,
  archivesMax: 100,
  connectionsMax: 3_000,
  destinationsMax: 3_000,
} as const;

export const isEnabled = (rule: Pick<Rule, 'state'>): boolean => rule.state !== 'DISABLED';
