/**
 * The store's second port: durable topics of messages, each given to one consumer at a time until it is acknowledged.
 *
 * A message's life: delayed → ready → leased → gone (acknowledged) or ready again (lease over, or redelivered). A
 * message is never lost by a crash; it may be seen twice, so consumers are idempotent by message id. Order: by the
 * time it became ready, then by arrival. Topics come into being with their first message.
 */
import type { LogMessage } from './records.ts';

export type Leased = {
  id: string;
  body: string;
  /** Proves this lease; void once it is over, acknowledged or redelivered. */
  receipt: string;
  /** How often the message has been leased, this time included. */
  receives: number;
  /** When it was appended (epoch ms). */
  appendedMs: number;
  /** When it was first leased (epoch ms). */
  firstReceivedMs: number;
};

export type Receive = {
  /** 1 to 1,000. */
  max: number;
  leaseMs: number;
  /** Leases of a holder can be given back together (`release`): the platform's own consumers after a crash. */
  holder?: string;
};

export type Depth = { ready: number; delayed: number; leased: number };

export interface Log {
  /** Durable once resolved. An id that the topic still holds is dropped. Answers how many were new. */
  append(topic: string, messages: readonly LogMessage[]): Promise<number>;
  /** What is ready now, at most `max`; never waits (see `watch`). */
  receive(topic: string, options: Receive): Promise<Leased[]>;
  /** Answers how many of the receipts were still valid. */
  acknowledge(topic: string, receipts: readonly string[]): Promise<number>;
  /** Ends the lease: ready again after `delayMs` (0 at once), with a new body if one is given. False: the receipt is void. */
  redeliver(topic: string, receipt: string, options: { delayMs: number; body?: string }): Promise<boolean>;
  /** The lease now ends `leaseMs` from now. False: the receipt is void. */
  extend(topic: string, receipt: string, leaseMs: number): Promise<boolean>;
  /** Every message leased by this holder, in any topic, is ready again at once. */
  release(holder: string): Promise<void>;
  depth(topic: string): Promise<Depth>;
  /** All topics that start with `prefix` and hold messages. */
  topics(prefix: string): Promise<string[]>;
  /** Messages without leasing them, oldest first: for people who look. */
  peek(topic: string, limit: number): Promise<{ id: string; body: string; appendedMs: number; receives: number }[]>;
  /** Drops every message of the topic, leased ones included. */
  purge(topic: string): Promise<number>;
  /** Calls back whenever something in the topic may have become ready (appended, redelivered, delay or lease over). */
  watch(topic: string, ready: () => void): { stop(): void };
}
