/**
 * The log's half of the writer.
 *
 * In this engine outbox and log are one table: `append` within a `transact` puts the message straight into its topic,
 * in the same commit as the records it speaks of. An engine whose log is elsewhere needs an outbox and a relay, and
 * consumers have to be written for that one (at least once); here they see each message once unless something crashes.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { EncodedMessage } from '../encode-operations.ts';
import type { Appended, Balance, Depth, Leased } from '../log.ts';
import { GroupChanges, openGroups, type Grouping, type Row } from './apply-groups.ts';
import type { Counter } from './counter.ts';
import type { Answers, RequestOf } from './request.ts';
import type { Tallies } from './tallies.ts';

/** Messages that one receive takes away (spent, too old) before it gives the disk to others. */
const takenAwayMax = 10_000;
/** Messages of one `expire` (the port's figure). */
const expiredMax = 1_000;
/** Keys that are over, dropped with each one that comes: they go faster than they come. */
const keysDroppedEach = 2;
/** Looked at by a move without a destination for messages that have a place to go back to. */
const originLookMax = 1_000;

/** `<sequence>.<receives>`: both only grow, so no two leases share a receipt. */
function parseReceipt(receipt: string): [sequence: number, receives: number] | undefined {
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(receipt);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

export type ApplyLog = ReturnType<typeof applyLog>;

export function applyLog(database: DatabaseSync, counter: Counter, tallies: Tallies) {
  const groups = openGroups(database);
  const insert = database.prepare(
    'INSERT INTO messages (sequence, topic, id, due_ms, appended_ms, body, grp) VALUES (?, ?, ?, ?, ?, ?, ?) ' +
      'ON CONFLICT (topic, id) DO NOTHING',
  );
  const sequenceOf = database.prepare('SELECT sequence FROM messages WHERE topic = ? AND id = ?');
  const knownKey = database.prepare(
    'SELECT id, sequence FROM message_keys WHERE topic = ? AND key = ? AND until_ms > ?',
  );
  const keepKey = database.prepare(
    'INSERT INTO message_keys (topic, key, id, sequence, until_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT (topic, key) ' +
      'DO UPDATE SET id = excluded.id, sequence = excluded.sequence, until_ms = excluded.until_ms',
  );
  const keysOver = database.prepare(
    `SELECT topic, key FROM message_keys WHERE until_ms <= ? ORDER BY until_ms LIMIT ${keysDroppedEach}`,
  );
  const dropKey = database.prepare('DELETE FROM message_keys WHERE topic = ? AND key = ?');
  const lease = database.prepare(
    'UPDATE messages SET due_ms = ?, leased = 1, holder = ?, receives = ?, first_received_ms = ? WHERE sequence = ?',
  );
  const drop = database.prepare('DELETE FROM messages WHERE sequence = ?');
  const transfer = database.prepare(
    'UPDATE OR IGNORE messages SET sequence = ?, topic = ?, id = ?, due_ms = ?, appended_ms = ?, origin = ?, ' +
      'earlier_receives = ?, first_received_ms = ?, leased = 0, holder = NULL, receives = 0 WHERE sequence = ?',
  );
  const latest = 'WHERE sequence = ? AND receives = ? AND topic = ?';
  const stillLeased = `${latest} AND leased = 1 AND due_ms > ?`;
  const remove = database.prepare(`DELETE FROM messages ${stillLeased} RETURNING grp, leased`);
  const removeLate = database.prepare(`DELETE FROM messages ${latest} AND receives > 0 RETURNING grp, leased`);
  const end = database.prepare(
    `UPDATE messages SET due_ms = ?, leased = 0, holder = NULL, body = coalesce(?, body) ${stillLeased} RETURNING grp`,
  );
  const prolong = database.prepare(`UPDATE messages SET due_ms = ? ${stillLeased} RETURNING grp`);
  const fate = database.prepare('SELECT receives, leased, due_ms FROM messages WHERE sequence = ? AND topic = ?');
  const held = database.prepare('SELECT DISTINCT topic, grp FROM messages WHERE holder = ? AND due_ms > ?');
  const heldOfGroup = database.prepare(
    'SELECT count(*) AS messages FROM messages WHERE holder = ? AND due_ms > ? AND topic = ? AND grp = ?',
  );
  const endHeld = database.prepare(
    'UPDATE messages SET due_ms = ?1, leased = 0, holder = NULL WHERE holder = ?2 AND due_ms > ?1',
  );
  const takeable = database.prepare(
    'SELECT 1 FROM messages WHERE topic = ? AND id = ? AND (leased = 0 OR due_ms <= ?)',
  );
  const take = database.prepare('DELETE FROM messages WHERE topic = ? AND id = ? RETURNING grp, leased');
  const lying = database.prepare('SELECT count(*) AS messages FROM messages WHERE topic = ?');
  const purge = database.prepare('DELETE FROM messages WHERE topic = ?');
  const depth = database.prepare(
    'SELECT count(*) AS messages, coalesce(sum(due_ms > ?1), 0) AS waiting, ' +
      'coalesce(sum(due_ms > ?1 AND leased = 1), 0) AS leased FROM messages WHERE topic = ?2',
  );
  const readyBefore = database.prepare(
    `SELECT sequence, grp, leased FROM messages WHERE topic = ? AND due_ms < ? ORDER BY due_ms LIMIT ${expiredMax}`,
  );

  function appendOne(topic: string, message: EncodedMessage, nowMs: number): Appended {
    const { id, body, notBeforeMs, group, unique } = message;
    if (unique !== undefined) {
      const known = knownKey.get(topic, unique.key, nowMs) as { id: string; sequence: number } | undefined;
      if (known !== undefined) return { id: known.id, sequence: known.sequence, isNew: false };
    }
    const sequence = counter.next();
    const dueMs = Math.max(nowMs, notBeforeMs);
    if (insert.run(sequence, topic, id, dueMs, nowMs, body, group?.name ?? null).changes === 0)
      return { id, sequence: Number(sequenceOf.get(topic, id)?.['sequence']), isNew: false };
    tallies.note(topic, 'accepted');
    if (group !== undefined) groups.added(topic, group, dueMs, sequence);
    if (unique !== undefined) {
      for (const over of keysOver.all(nowMs)) dropKey.run(String(over['topic']), String(over['key']));
      keepKey.run(topic, unique.key, id, sequence, unique.untilMs);
    }
    return { id, sequence, isNew: true };
  }

  /** To the end of another topic, as one that was never received. Its age goes with it, unless order begins it anew. */
  function moveRow(row: Row, from: string, to: string, id: string, grouping: Grouping, nowMs: number): void {
    const isNew = id !== row.id;
    const appendedMs = grouping === 'ordered' || isNew ? nowMs : row.appended_ms;
    const sequence = counter.next();
    const known = isNew ? [null, 0, 0] : [from, row.earlier_receives + row.receives, row.first_received_ms];
    const moved = transfer.run(sequence, to, id, nowMs, appendedMs, ...known, row.sequence).changes === 1;
    // The other topic holds it already.
    tallies.note(from, 'moved');
    if (moved) tallies.note(to, 'arrived');
    if (!moved) drop.run(row.sequence);
    else if (row.grp !== null) groups.added(to, { name: row.grp, ordered: grouping === 'ordered' }, nowMs, sequence);
  }

  function leaseRow(row: Row, { nowMs, leaseMs, holder }: RequestOf<'receive'>): Leased {
    const { sequence, id, body, appended_ms: appendedMs, grp, origin, earlier_receives: earlierReceives } = row;
    const receives = row.receives + 1;
    const firstReceivedMs = row.first_received_ms === 0 ? nowMs : row.first_received_ms;
    lease.run(Math.ceil(nowMs + leaseMs), holder, receives, firstReceivedMs, sequence);
    const receipt = `${sequence}.${receives}`;
    return {
      id,
      body,
      sequence,
      receipt,
      receives,
      appendedMs,
      firstReceivedMs,
      ...(grp === null ? {} : { group: grp }),
      ...(origin === null ? {} : { origin }),
      ...(earlierReceives === 0 ? {} : { earlierReceives }),
    };
  }

  function fateOf(topic: string, receipt: string, nowMs: number): Answers['fate'] {
    const [sequence, receives] = parseReceipt(receipt) ?? [0, 0];
    const row = fate.get(sequence, topic) as Pick<Row, 'receives' | 'leased' | 'due_ms'> | undefined;
    if (row === undefined) return 'gone';
    if (row.receives !== receives) return 'taken';
    return row.leased === 1 && row.due_ms > nowMs ? 'leased' : 'over';
  }

  return {
    appendOne,

    /** Whether it is there, and nobody's. */
    holds: (topic: string, id: string, nowMs: number): boolean => takeable.get(topic, id, nowMs) !== undefined,

    takeOne(topic: string, id: string): void {
      const row = take.get(topic, id) as Removed;
      if (row === undefined) return;
      tallies.note(topic, 'taken');
      if (row.grp !== null) groups.changed(topic, row.grp, -row.leased);
    },

    append: ({ topic, nowMs, messages }: RequestOf<'append'>): Answers['append'] =>
      messages.map((message) => appendOne(topic, message, nowMs)),

    receive(request: RequestOf<'receive'>): Answers['receive'] {
      const { topic, nowMs, max, spent, appendedFromMs, leasedAbout } = request;
      const leased: Leased[] = [];
      let moved = 0;
      let takenAway = 0;
      for (;;) {
        const rows = groups.pick(topic, nowMs, max - leased.length, leasedAbout);
        const grouping = spent === null ? 'none' : groups.groupingOf(topic);
        const changes = new GroupChanges(groups, topic);
        const before = takenAway;
        for (const row of rows) {
          if (row.appended_ms < appendedFromMs) {
            drop.run(row.sequence);
            tallies.note(topic, 'expired');
            takenAway += 1;
            changes.note(row.grp, -row.leased);
          } else if (spent !== null && row.receives >= spent.receivesMax) {
            moveRow(row, topic, spent.topic, row.id, grouping, nowMs);
            moved += 1;
            takenAway += 1;
            changes.note(row.grp, -row.leased);
          } else {
            leased.push(leaseRow(row, request));
            changes.note(row.grp, 1 - row.leased);
          }
        }
        changes.apply();
        if (takenAway === before || leased.length === max) return { leased, moved, more: false };
        if (takenAway >= takenAwayMax) return { leased, moved, more: true };
      }
    },

    acknowledge({ topic, nowMs, receipts, late, as }: RequestOf<'acknowledge'>): Answers['acknowledge'] {
      let acknowledged = 0;
      let ofGroups = false;
      const changes = new GroupChanges(groups, topic);
      for (const receipt of receipts) {
        const parsed = parseReceipt(receipt);
        const row =
          parsed && ((late ? removeLate.get(...parsed, topic) : remove.get(...parsed, topic, nowMs)) as Removed);
        if (row === undefined) continue;
        acknowledged += 1;
        ofGroups ||= row.grp !== null;
        changes.note(row.grp, -row.leased);
      }
      changes.apply();
      tallies.note(topic, as, acknowledged);
      return { acknowledged, ofGroups };
    },

    redeliver({ topic, nowMs, receipt, delayMs, body }: RequestOf<'redeliver'>): Answers['redeliver'] {
      const parsed = parseReceipt(receipt);
      const row = parsed && (end.get(Math.ceil(nowMs + delayMs), body, ...parsed, topic, nowMs) as Grouped);
      if (typeof row?.grp === 'string') groups.changed(topic, row.grp, -1);
      return row !== undefined;
    },

    extend({ topic, nowMs, receipt, leaseMs }: RequestOf<'extend'>): Answers['extend'] {
      const parsed = parseReceipt(receipt);
      const row = parsed && (prolong.get(Math.ceil(nowMs + leaseMs), ...parsed, topic, nowMs) as Grouped);
      if (typeof row?.grp === 'string') groups.changed(topic, row.grp, 0);
      return row !== undefined;
    },

    fate: ({ topic, nowMs, receipt }: RequestOf<'fate'>): Answers['fate'] => fateOf(topic, receipt, nowMs),

    release({ nowMs, holder }: RequestOf<'release'>): Answers['release'] {
      const places = held.all(holder, nowMs) as { topic: string; grp: string | null }[];
      const counts = places.map(({ topic, grp }) =>
        grp === null ? 0 : Number(heldOfGroup.get(holder, nowMs, topic, grp)?.['messages']),
      );
      endHeld.run(nowMs, holder);
      for (const [index, { topic, grp }] of places.entries())
        if (grp !== null) groups.changed(topic, grp, -(counts[index] ?? 0));
      return [...new Set(places.map(({ topic }) => topic))];
    },

    move({ topic, nowMs, to, origins, max, ids }: RequestOf<'move'>): Answers['move'] {
      const grouping = groups.groupingOf(topic);
      const changes = new GroupChanges(groups, topic);
      const topics = new Set<string>();
      let moved = 0;
      for (const row of groups.pick(topic, nowMs, to === null ? originLookMax : max, 0)) {
        const id = ids[moved];
        if (moved === max || id === undefined) break;
        const target = to ?? row.origin;
        if (target === null || (to === null && !origins.includes(target))) continue;
        moveRow(row, topic, target, id, grouping, nowMs);
        changes.note(row.grp, -row.leased);
        topics.add(target);
        moved += 1;
      }
      changes.apply();
      return { moved, topics: [...topics] };
    },

    expire({ topic, readyBeforeMs }: RequestOf<'expire'>): Answers['expire'] {
      const rows = readyBefore.all(topic, readyBeforeMs) as { sequence: number; grp: string | null; leased: number }[];
      const changes = new GroupChanges(groups, topic);
      for (const row of rows) {
        drop.run(row.sequence);
        changes.note(row.grp, -row.leased);
      }
      changes.apply();
      tallies.note(topic, 'expired', rows.length);
      return rows.length;
    },

    purge({ topic, forever }: RequestOf<'purge'>): Answers['purge'] {
      groups.purged(topic);
      const purged = Number(purge.run(topic).changes);
      if (forever) tallies.forget(topic);
      else tallies.note(topic, 'purged', purged);
      return purged;
    },

    balance({ topic }: RequestOf<'balance'>): Balance {
      return { counts: tallies.of(topic), held: Number(lying.get(topic)?.['messages']) };
    },

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

type Grouped = { grp: string | null } | undefined;
type Removed = { grp: string | null; leased: number } | undefined;
