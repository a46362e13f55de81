/**
 * The log's half of the writer.
 *
 * In this engine outbox and log are one table: `append` within a `transact` puts the message straight into its topic,
 * in the same commit as the records it speaks of. An engine whose log is elsewhere needs an outbox and a relay, and
 * consumers have to be written for that one (at least once); here they see each message once unless something crashes.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { EncodedAppend } from '../encode-operations.ts';
import type { Depth, Leased } from '../log.ts';
import type { Counter } from './counter.ts';
import type { Answers, RequestOf } from './request.ts';

type Row = {
  sequence: number;
  id: string;
  body: string;
  receives: number;
  appended_ms: number;
  first_received_ms: number;
};

/** `<sequence>.<receives>`: both only grow, so no two leases share a receipt. */
function parseReceipt(receipt: string): [sequence: number, receives: number] | undefined {
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(receipt);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

export type ApplyLog = ReturnType<typeof applyLog>;

export function applyLog(database: DatabaseSync, counter: Counter) {
  const insert = database.prepare(
    'INSERT INTO messages (sequence, topic, id, due_ms, appended_ms, body) VALUES (?, ?, ?, ?, ?, ?) ' +
      'ON CONFLICT (topic, id) DO NOTHING',
  );
  const ready = database.prepare(
    'SELECT sequence, id, body, receives, appended_ms, first_received_ms FROM messages ' +
      'WHERE topic = ? AND due_ms <= ? ORDER BY due_ms, sequence LIMIT ?',
  );
  const lease = database.prepare(
    'UPDATE messages SET due_ms = ?, leased = 1, holder = ?, receives = ?, first_received_ms = ? WHERE sequence = ?',
  );
  const stillLeased = 'WHERE sequence = ? AND receives = ? AND topic = ? AND leased = 1 AND due_ms > ?';
  const remove = database.prepare(`DELETE FROM messages ${stillLeased}`);
  const end = database.prepare(
    `UPDATE messages SET due_ms = ?, leased = 0, holder = NULL, body = coalesce(?, body) ${stillLeased}`,
  );
  const prolong = database.prepare(`UPDATE messages SET due_ms = ? ${stillLeased}`);
  const heldTopics = database.prepare('SELECT DISTINCT topic FROM messages WHERE holder = ? AND due_ms > ?');
  const endHeld = database.prepare(
    'UPDATE messages SET due_ms = ?1, leased = 0, holder = NULL WHERE holder = ?2 AND due_ms > ?1',
  );
  const purge = database.prepare('DELETE FROM messages WHERE topic = ?');
  const depth = database.prepare(
    'SELECT count(*) AS messages, coalesce(sum(due_ms > ?1), 0) AS waiting, ' +
      'coalesce(sum(due_ms > ?1 AND leased = 1), 0) AS leased FROM messages WHERE topic = ?2',
  );

  return {
    /** False: the topic still holds a message of that id. */
    append({ topic, id, body, notBeforeMs }: EncodedAppend, nowMs: number): boolean {
      return insert.run(counter.next(), topic, id, Math.max(nowMs, notBeforeMs), nowMs, body).changes === 1;
    },

    receive({ topic, nowMs, max, leaseMs, holder }: RequestOf<'receive'>): Leased[] {
      const rows = ready.all(topic, nowMs, max) as Row[];
      return rows.map((row) => {
        const receives = row.receives + 1;
        const firstReceivedMs = receives === 1 ? nowMs : row.first_received_ms;
        lease.run(Math.ceil(nowMs + leaseMs), holder, receives, firstReceivedMs, row.sequence);
        const { id, body, appended_ms: appendedMs } = row;
        return { id, body, receipt: `${row.sequence}.${receives}`, receives, appendedMs, firstReceivedMs };
      });
    },

    acknowledge({ topic, nowMs, receipts }: RequestOf<'acknowledge'>): Answers['acknowledge'] {
      let acknowledged = 0;
      for (const receipt of receipts) {
        const parsed = parseReceipt(receipt);
        if (parsed !== undefined) acknowledged += Number(remove.run(...parsed, topic, nowMs).changes);
      }
      return acknowledged;
    },

    redeliver({ topic, nowMs, receipt, delayMs, body }: RequestOf<'redeliver'>): Answers['redeliver'] {
      const parsed = parseReceipt(receipt);
      return parsed !== undefined && end.run(Math.ceil(nowMs + delayMs), body, ...parsed, topic, nowMs).changes === 1;
    },

    extend({ topic, nowMs, receipt, leaseMs }: RequestOf<'extend'>): Answers['extend'] {
      const parsed = parseReceipt(receipt);
      return parsed !== undefined && prolong.run(Math.ceil(nowMs + leaseMs), ...parsed, topic, nowMs).changes === 1;
    },

    release({ nowMs, holder }: RequestOf<'release'>): Answers['release'] {
      const topics = heldTopics.all(holder, nowMs).map((row) => String(row['topic']));
      endHeld.run(nowMs, holder);
      return topics;
    },

    purge: ({ topic }: RequestOf<'purge'>): Answers['purge'] => Number(purge.run(topic).changes),

    depth({ topic, nowMs }: RequestOf<'depth'>): Depth {
      const { messages, waiting, leased } = depth.get(nowMs, topic) as {
        messages: number;
        waiting: number;
        leased: number;
      };
      return { ready: messages - waiting, delayed: waiting - leased, leased };
    },
  };
}
