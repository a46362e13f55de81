/**
 * What the main thread asks of the writer's thread, and what each request is answered. Everything here crosses the
 * border by structured clone: plain objects, arrays, strings and numbers.
 */
import type { EncodedOperation } from '../encode-operations.ts';
import type { Lease } from '../leases.ts';
import type { Depth, Leased } from '../log.ts';

export type Request =
  | { kind: 'transact'; nowMs: number; operations: readonly EncodedOperation[] }
  | { kind: 'receive'; nowMs: number; topic: string; max: number; leaseMs: number; holder: string | null }
  | { kind: 'acknowledge'; nowMs: number; topic: string; receipts: readonly string[] }
  | { kind: 'redeliver'; nowMs: number; topic: string; receipt: string; delayMs: number; body: string | null }
  | { kind: 'extend'; nowMs: number; topic: string; receipt: string; leaseMs: number }
  | { kind: 'release'; nowMs: number; holder: string }
  | { kind: 'purge'; topic: string }
  | { kind: 'depth'; nowMs: number; topic: string }
  | { kind: 'acquire'; nowMs: number; name: string; holder: string; ttlMs: number }
  | { kind: 'renew'; nowMs: number; name: string; token: number; ttlMs: number }
  | { kind: 'give-up'; name: string; token: number };

export type Kind = Request['kind'];
export type RequestOf<Name extends Kind> = Extract<Request, { kind: Name }>;

export type Answers = {
  transact: { status: 'committed'; revision: number; appended: number } | { status: 'conflict'; key: string };
  receive: Leased[];
  acknowledge: number;
  redeliver: boolean;
  extend: boolean;
  /** Topics in which something was released. */
  release: string[];
  purge: number;
  depth: Depth;
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
