/**
 * The store's second port: durable topics of messages, each given to one consumer at a time until it is acknowledged.
 *
 * A message's life: delayed → ready → leased → gone (acknowledged) or ready again (lease over, or redelivered). A
 * message is never lost by a crash; it may be seen twice, so consumers are idempotent by message id. Order: by the
 * time it became ready, then by arrival. Topics come into being with their first message.
 */
import type { LogMessage } from './records.ts';

export type Appended = {
  /** The message's own, or that of the one which it repeats. */
  id: string;
  /** Grows with each message of the store; a moved message gets a new one. */
  sequence: number;
  /** False: the topic holds its id, or has seen its key. */
  isNew: boolean;
};

export type Leased = {
  id: string;
  body: string;
  sequence: number;
  /** Its group's name. */
  group?: string;
  /** The topic in which it was spent. */
  origin?: string;
  /** Proves this lease; void once it is over, acknowledged or redelivered. */
  receipt: string;
  /** How often the message has been leased in this topic, this time included. */
  receives: number;
  /** How often it had been leased before it was spent elsewhere. Absent: never. */
  earlierReceives?: number;
  /** When it was appended (epoch ms). */
  appendedMs: number;
  /** When it was first leased (epoch ms), here or before it came here. */
  firstReceivedMs: number;
};

export type Receive = {
  /** 1 to 1,000. */
  max: number;
  leaseMs: number;
  /** Leases of a holder can be given back together (`release`): the platform's own consumers after a crash. */
  holder?: string;
  /** What has been leased `receivesMax` times already is moved to `topic` instead, in the same commit. */
  spent?: { topic: string; receivesMax: number };
  /** What was appended before (epoch ms) is dropped instead. */
  appendedFromMs?: number;
  /** About how many messages of the topic are leased: what a group's share is taken of. Absent: few. */
  leasedAbout?: number;
};

/** How many leased messages make a group stand back: at least so many, and more than so large a share of the topic's. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html */
export const noisyGroup = { leasedMin: 30, share: 0.1 } as const;

export type Move = {
  /** Absent: each back to its `origin`, as far as `origins` has it; others stay. */
  to?: string;
  origins?: readonly string[];
  /** 1 to 1,000. */
  max: number;
  /** At least `max`: moved messages are new ones. */
  ids: readonly string[];
};

/**
 * What became of a receipt's message: still leased by it; ready again, or given back; leased by somebody since; gone from
 * the topic.
 */
export type Fate = 'leased' | 'over' | 'taken' | 'gone';

export type Depth = { ready: number; delayed: number; leased: number };

/** What became of a message that is acknowledged; `done`: nobody has said more. */
export type Outcome = 'done' | 'succeeded' | 'dead' | 'dropped';

/**
 * What a topic's messages are counted by, in the commits that do it: how they came (`accepted`; `arrived`, out of another
 * topic), and how they went (acknowledged, with their outcome; `moved` or `taken` elsewhere; `expired`; `purged`).
 */
export type Tallied = Outcome | 'accepted' | 'arrived' | 'moved' | 'taken' | 'expired' | 'purged';

/** `held`: the messages that are there, counted one by one at the same moment. */
export type Balance = { counts: Readonly<Partial<Record<Tallied, number>>>; held: number };

/** A message as it lies there. */
export type Lying = {
  id: string;
  body: string;
  appendedMs: number;
  receives: number;
  group?: string;
  /** The topic in which it was spent. */
  origin?: string;
};

export interface Log {
  /** Durable once resolved. An id that the topic still holds is dropped. Answers for each message. */
  append(topic: string, messages: readonly LogMessage[]): Promise<Appended[]>;
  /** What is ready now, at most `max`; never waits (see `watch`). */
  receive(topic: string, options: Receive): Promise<Leased[]>;
  /**
   * Answers how many of the receipts were still valid. `late`: valid as long as nobody has leased the message since,
   * though the lease is over. `as`: what they are counted as.
   */
  acknowledge(topic: string, receipts: readonly string[], options?: { late?: boolean; as?: Outcome }): Promise<number>;
  fate(topic: string, receipt: string): Promise<Fate>;
  /** Ends the lease: ready again after `delayMs` (0 at once), with a new body if one is given. False: the receipt is void. */
  redeliver(topic: string, receipt: string, options: { delayMs: number; body?: string }): Promise<boolean>;
  /** The lease now ends `leaseMs` from now. False: the receipt is void. */
  extend(topic: string, receipt: string, leaseMs: number): Promise<boolean>;
  /** Every message leased by this holder, in any topic, is ready again at once. */
  release(holder: string): Promise<void>;
  depth(topic: string): Promise<Depth>;
  /** Moves what is ready, oldest first, as new messages without an origin, all in one commit. Answers how many. */
  move(topic: string, options: Move): Promise<number>;
  /** Drops what became ready before (epoch ms) and was not leased since, at most 1,000. Answers how many. */
  expire(topic: string, readyBeforeMs: number): Promise<number>;
  /** All topics that start with `prefix` and hold messages. */
  topics(prefix: string): Promise<string[]>;
  /** Messages without leasing them, oldest first: for people who look. */
  peek(topic: string, limit: number): Promise<Lying[]>;
  find(topic: string, id: string): Promise<Lying | undefined>;
  /** Drops every message of the topic, leased ones included. `forever`: nothing comes again, and its counts go too. */
  purge(topic: string, options?: { forever?: boolean }): Promise<number>;
  /** What has been counted of a topic, beside what is there. */
  balance(topic: string): Promise<Balance>;
  /** All topics that start with `prefix` and have been counted. */
  tallied(prefix: string): Promise<string[]>;
  /** Calls back whenever something in the topic may have become ready (appended, redelivered, delay or lease over). */
  watch(topic: string, ready: () => void): { stop(): void };
}
