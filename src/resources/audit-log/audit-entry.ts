/**
 * One line of the audit log: who did what, when, from where, and what came of it. Each carries the hash of the one before,
 * so that none can be changed, taken out or put in without every later one showing it.
 */
import { hash } from 'node:crypto';
import type { AccountId } from '../../util/ids.ts';

/** Who asked, as far as it is known: of somebody who could not prove who he is, `accessKeyId` is what he claims. */
export type Actor = {
  kind: 'administrator' | 'function' | 'user' | 'role' | 'federated' | 'anonymous' | 'unknown' | 'platform';
  account: AccountId;
  arn: string;
  accessKeyId: string;
  /** A user's, function's or session's own name; empty where it has none. */
  name: string;
  /** Of whom a session is: the role's ARN. */
  issuer?: string;
};

/** What there is to say of a call before it is in the log. */
export type AuditEvent = {
  /** Of the event; unique. */
  id: string;
  timeMs: number;
  /** Whose log it is in. */
  account: AccountId;
  actor: Actor;
  /** `lambda`, `s3`; `mayfly` for the control API and the platform itself. */
  service: string;
  /** `CreateFunction`; `POST /_mayfly/deployments`. */
  operation: string;
  /** ARNs. */
  resources: readonly string[];
  /** Names and numbers that the caller gave: never what may be secret. */
  parameters: Readonly<Record<string, string | number | boolean>>;
  /** The caller's address, and what it says it is. */
  from: { address: string; userAgent: string };
  requestId: string;
  result: 'ok' | 'denied' | 'failed';
  /** AWS's code, and the text the caller got. */
  error?: { code: string; message: string };
  /** It changed nothing. */
  isReadOnly: boolean;
  /** Of what a resource holds (an object, a message), not of the resource itself. */
  isData: boolean;
  /** Calls that this line stands for: more than 1 where the same was refused over and over. */
  count: number;
};

export type AuditEntry = AuditEvent & {
  /** From 1, without a gap, in one account's log. */
  sequence: number;
  /** Hex SHA-256 of the entry before; of the first, zeros. */
  previous: string;
  /** Hex SHA-256 of everything else in this entry. */
  hash: string;
  /** In a line that says that older ones were removed as too old: the last of them. */
  removed?: { sequence: number; hash: string };
};

/**
 * What was done, or may not be, is in the log before the caller hears of it. What only looked need not wait for the disk, nor
 * what failed, for nothing was done: a full disk would keep everybody from hearing that it is full.
 */
export const isWaitedFor = ({ result, isReadOnly }: AuditEvent): boolean =>
  result === 'denied' || (result === 'ok' && !isReadOnly);

export const firstPrevious = '0'.repeat(64);

export function chained(
  event: AuditEvent,
  head: { sequence: number; hash: string },
  removed?: AuditEntry['removed'],
): AuditEntry {
  const entry = {
    ...event,
    ...(removed !== undefined && { removed }),
    sequence: head.sequence + 1,
    previous: head.hash,
  };
  return { ...entry, hash: hashOf(entry) };
}

/** Of the entry without its own hash, in JSON with sorted names: what a store does to their order changes nothing. */
export function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  return hash('sha256', JSON.stringify(sorted({ ...entry, hash: undefined })));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}
