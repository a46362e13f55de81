/** A bus, the archives that keep its events, and the replays that put them on it once more. */
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';

export type EventBus = {
  account: AccountId;
  name: string;
  description?: string;
  createdMs: number;
  modifiedMs: number;
  /** A policy document: who besides the account may put events and make rules. */
  policy?: string;
  /** The ARN of the queue for events that no target could be made of. */
  deadLetterQueue?: string;
  kmsKey?: string;
  tags: Readonly<Record<string, string>>;
  /** The deployment that owns it; absent: made through an API. */
  application?: string;
  /** Different for each bus that has ever been there. */
  life: string;
};

export const defaultBus = 'default';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html */
export const busNamePattern = /[A-Za-z0-9._-]{1,256}/;

/** Errors: `invalid_argument`. */
export function checkBusName(name: string): void {
  if (new RegExp(`^${busNamePattern.source}$`).test(name)) return;
  throw new PlatformError(
    'invalid_argument',
    `'${name}' is no event bus's name: 1 to 256 letters, digits, -, _ and . are accepted`,
  );
}

export type Archive = {
  account: AccountId;
  name: string;
  /** The bus whose events it keeps. */
  bus: string;
  description?: string;
  /** JSON; absent: every event. */
  pattern?: string;
  /** 0: for good. */
  retentionDays: number;
  createdMs: number;
  /** Of its events, in the store; different for each archive that has ever been there. */
  life: string;
};

export type ReplayState = 'STARTING' | 'RUNNING' | 'CANCELLING' | 'CANCELLED' | 'COMPLETED' | 'FAILED';

export type Replay = {
  account: AccountId;
  name: string;
  description?: string;
  archive: string;
  /** The archive's life: another one of its name is not replayed. */
  archiveLife: string;
  bus: string;
  /** ARNs; none: every rule. */
  rules: readonly string[];
  /** Of the events' own times: [from, to). */
  fromMs: number;
  toMs: number;
  state: ReplayState;
  reason?: string;
  startedMs: number;
  endedMs?: number;
  /** How far it has come: the key of the last event that was put again. */
  after?: string;
  lastEventMs?: number;
};

export const archiveEventsPrefix = (account: AccountId, life: string): string => `bus-archived/${account}/${life}/`;

/** In the order of the events' times. */
export const archiveEventKey = (account: AccountId, life: string, timeMs: number, id: string): string =>
  `${archiveEventsPrefix(account, life)}${String(Math.max(0, timeMs)).padStart(15, '0')}/${id}`;
