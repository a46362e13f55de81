/**
 * What the main thread asks of the writer's thread, and what each request is answered. Everything here crosses the
 * border by structured clone: plain objects, arrays, strings and numbers.
 */
import type { EncodedMessage, EncodedOperation } from '../encode-operations.ts';
import type { Lease } from '../leases.ts';
import type { Appended, Balance, Depth, Fate, Leased, Outcome } from '../log.ts';

export type Request =
  | { kind: 'transact'; nowMs: number; operations: readonly EncodedOperation[] }
  | { kind: 'append'; nowMs: number; topic: string; messages: readonly EncodedMessage[] }
  | {
      kind: 'receive';
      nowMs: number;
      topic: string;
      max: number;
      leaseMs: number;
      holder: string | null;
      spent: { topic: string; receivesMax: number } | null;
      appendedFromMs: number;
      leasedAbout: number;
    }
  | { kind: 'acknowledge'; nowMs: number; topic: string; receipts: readonly string[]; late: boolean; as: Outcome }
  | { kind: 'fate'; nowMs: number; topic: string; receipt: string }
  | {
      kind: 'move';
      nowMs: number;
      topic: string;
      to: string | null;
      origins: readonly string[];
      max: number;
      ids: readonly string[];
    }
  | { kind: 'expire'; nowMs: number; topic: string; readyBeforeMs: number }
  | { kind: 'redeliver'; nowMs: number; topic: string; receipt: string; delayMs: number; body: string | null }
  | { kind: 'extend'; nowMs: number; topic: string; receipt: string; leaseMs: number }
  | { kind: 'release'; nowMs: number; holder: string }
  | { kind: 'purge'; topic: string; forever: boolean }
  | { kind: 'balance'; topic: string }
  | { kind: 'depth'; nowMs: number; topic: string }
  | { kind: 'acquire'; nowMs: number; name: string; holder: string; ttlMs: number }
  | { kind: 'renew'; nowMs: number; name: string; token: number; ttlMs: number }
  | { kind: 'give-up'; name: string; token: number };

export type Kind = Request['kind'];
export type RequestOf<Name extends Kind> = Extract<Request, { kind: Name }>;

export type Answers = {
  transact: { status: 'committed'; revision: number } | { status: 'conflict'; key: string };
  append: Appended[];
  /** `more`: what was taken away was so much that it stopped looking. */
  receive: { leased: Leased[]; moved: number; more: boolean };
  /** `ofGroups`: some of them belonged to groups. */
  acknowledge: { acknowledged: number; ofGroups: boolean };
  fate: Fate;
  /** How many, and into which topics. */
  move: { moved: number; topics: string[] };
  expire: number;
  redeliver: boolean;
  extend: boolean;
  /** Topics in which something was released. */
  release: string[];
  purge: number;
  depth: Depth;
  balance: Balance;
  acquire: Lease | null;
  renew: boolean;
  'give-up': boolean;
};

export type Answer = Answers[Kind];

/** A batch's answers, in its order; or the reason why none of a commit's requests were carried out. */
export type Reply = { ok: true; answer: Answer } | { ok: false; code: 'unavailable' | 'internal'; message: string };

/** Main thread to writer. A batch is answered by one `answered`. */
export type ToWriter = { kind: 'batch'; requests: readonly Request[] } | { kind: 'close' };

/** Writer to main thread. */
export type FromWriter =
  | { kind: 'ready' }
  /** For each batch, oldest first. */
  | { kind: 'answered'; batches: readonly (readonly Reply[])[] }
  /** The writer has stopped for good; requests not answered so far never will be. */
  | { kind: 'failed'; message: string };
