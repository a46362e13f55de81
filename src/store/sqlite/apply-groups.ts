/**
 * Groups of messages: which messages of a topic are next, where some belong to groups.
 *
 * Each group that has messages has a row that says when it can be received from next, so that what is next is found
 * by an index however long the backlogs are. An ordered group's is the latest end of its leases and of its first
 * message's delay; any other's is when the first of its messages is ready. Whoever changes a message of a group says
 * so (`changed`), and the row is reckoned anew.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { MessageGroup } from '../records.ts';
import { noisyGroup } from '../log.ts';

export type Row = {
  sequence: number;
  id: string;
  body: string;
  receives: number;
  appended_ms: number;
  first_received_ms: number;
  due_ms: number;
  leased: number;
  grp: string | null;
  origin: string | null;
  earlier_receives: number;
};

/** Of ready messages, those looked at for some without a group where others have one. */
const ungroupedLookMax = 1_000;

/** Of quiet groups together, so that an ordinary receive gives out what is oldest of them all. */
const quietLookMax = 1_000;

/** How a topic's messages are grouped: all alike, by the first group that there is. */
export type Grouping = 'none' | 'ordered' | 'fair';

export type Groups = ReturnType<typeof openGroups>;

export function openGroups(database: DatabaseSync) {
  const columns =
    'sequence, id, body, receives, appended_ms, first_received_ms, due_ms, leased, grp, origin, earlier_receives';
  const ready = database.prepare(
    `SELECT ${columns} FROM messages WHERE topic = ? AND due_ms <= ? ORDER BY due_ms, sequence LIMIT ?`,
  );
  const readyUngrouped = database.prepare(
    `SELECT * FROM (SELECT ${columns} FROM messages WHERE topic = ? AND due_ms <= ? ORDER BY due_ms, sequence ` +
      `LIMIT ${ungroupedLookMax}) WHERE grp IS NULL LIMIT ?`,
  );
  const grouping = database.prepare('SELECT ordered FROM message_groups WHERE topic = ? LIMIT 1');
  const add = database.prepare(
    'INSERT INTO message_groups (topic, grp, ordered, ready_ms, next) VALUES (?, ?, ?, ?, ?) ON CONFLICT (topic, grp) ' +
      'DO UPDATE SET ready_ms = excluded.ready_ms, next = excluded.next WHERE ordered = 0 AND excluded.ready_ms < ready_ms',
  );
  const isOrdered = database.prepare('SELECT ordered FROM message_groups WHERE topic = ? AND grp = ?');
  const firstDue = database.prepare(
    'SELECT due_ms, sequence FROM messages WHERE topic = ? AND grp = ? ORDER BY sequence LIMIT 1',
  );
  const lastLease = database.prepare(
    'SELECT max(due_ms) AS ms FROM messages WHERE topic = ? AND grp = ? AND leased = 1',
  );
  const earliestDue = database.prepare(
    'SELECT due_ms, sequence FROM messages WHERE topic = ? AND grp = ? AND leased = ? ORDER BY due_ms, sequence LIMIT 1',
  );
  const update = database.prepare(
    'UPDATE message_groups SET ready_ms = ?, next = ?, leased = max(0, leased + ?) WHERE topic = ? AND grp = ?',
  );
  const remove = database.prepare('DELETE FROM message_groups WHERE topic = ? AND grp = ?');
  const removeAll = database.prepare('DELETE FROM message_groups WHERE topic = ?');

  const readyGroups = database.prepare(
    'SELECT grp FROM message_groups WHERE topic = ? AND ready_ms <= ? ORDER BY ready_ms, next LIMIT ?',
  );
  const quietGroups = database.prepare(
    'SELECT grp FROM message_groups WHERE topic = ? AND ready_ms <= ? AND leased < ? ORDER BY ready_ms, next LIMIT ?',
  );
  const noisyGroups = database.prepare(
    'SELECT grp FROM message_groups WHERE topic = ? AND ready_ms <= ? AND leased >= ? ORDER BY ready_ms, next LIMIT ?',
  );
  const inOrder = database.prepare(
    `SELECT ${columns} FROM messages WHERE topic = ? AND grp = ? ORDER BY sequence LIMIT ?`,
  );
  const readyOfGroup = database.prepare(
    `SELECT * FROM (SELECT ${columns} FROM messages WHERE topic = ?1 AND grp = ?2 AND leased = 0 AND due_ms <= ?3 ` +
      'ORDER BY due_ms, sequence LIMIT ?4) UNION ALL ' +
      `SELECT * FROM (SELECT ${columns} FROM messages WHERE topic = ?1 AND grp = ?2 AND leased = 1 AND due_ms <= ?3 ` +
      'ORDER BY due_ms, sequence LIMIT ?4)',
  );

  const names = (rows: readonly Record<string, unknown>[]): string[] => rows.map((row) => String(row['grp']));

  function groupingOf(topic: string): Grouping {
    const row = grouping.get(topic);
    if (row === undefined) return 'none';
    return row['ordered'] === 1 ? 'ordered' : 'fair';
  }

  function nextInOrder(topic: string, name: string): Next | undefined {
    const first = firstDue.get(topic, name) as Next | undefined;
    if (first === undefined) return undefined;
    const { ms } = lastLease.get(topic, name) as { ms: number | null };
    return { due_ms: Math.max(first.due_ms, ms ?? 0), sequence: first.sequence };
  }

  function nextByTime(topic: string, name: string): Next | undefined {
    const [free, leased] = [0, 1].map((state) => earliestDue.get(topic, name, state) as Next | undefined);
    if (free === undefined || leased === undefined) return free ?? leased;
    return byTime(free, leased) < 0 ? free : leased;
  }

  function pickOrdered(topic: string, nowMs: number, max: number): Row[] {
    const picked: Row[] = [];
    for (const name of names(readyGroups.all(topic, nowMs, max))) {
      if (picked.length >= max) break;
      for (const row of inOrder.all(topic, name, max - picked.length) as Row[]) {
        // A message that still waits holds up those behind it.
        if (row.due_ms > nowMs) break;
        picked.push(row);
      }
    }
    return picked;
  }

  function pickFairly(topic: string, nowMs: number, max: number, leasedAbout: number): Row[] {
    const noisyFrom = Math.max(noisyGroup.leasedMin, Math.floor(leasedAbout * noisyGroup.share) + 1);
    const quiet = names(quietGroups.all(topic, nowMs, noisyFrom, max));
    const eachMax = Math.max(Math.ceil(max / quiet.length), Math.min(max, Math.floor(quietLookMax / quiet.length)));
    const picked = [
      ...quiet.flatMap((name) => readyOfGroup.all(topic, name, nowMs, eachMax) as Row[]),
      ...(readyUngrouped.all(topic, nowMs, max) as Row[]),
    ]
      .sort(byTime)
      .slice(0, max);
    if (picked.length === max) return picked;
    const left = max - picked.length;
    // More than the share is few: the index passes over them quickly.
    const noisy = names(noisyGroups.all(topic, nowMs, noisyFrom, max));
    const late = noisy.flatMap((name) => readyOfGroup.all(topic, name, nowMs, left) as Row[]);
    return [...picked, ...late.sort(byTime).slice(0, left)];
  }

  return {
    groupingOf,

    /** At most `max` messages that are ready, in the order in which they are given out. */
    pick(topic: string, nowMs: number, max: number, leasedAbout: number): Row[] {
      const kind = groupingOf(topic);
      if (kind === 'none') return ready.all(topic, nowMs, max) as Row[];
      return kind === 'ordered' ? pickOrdered(topic, nowMs, max) : pickFairly(topic, nowMs, max, leasedAbout);
    },

    /** A message came. */
    added(topic: string, group: MessageGroup, dueMs: number, sequence: number): void {
      add.run(topic, group.name, group.ordered ? 1 : 0, dueMs, sequence);
    },

    /** Messages of the group were changed or are gone; `leasedBy`: how many more are leased now. */
    changed(topic: string, name: string, leasedBy: number): void {
      const next = isOrdered.get(topic, name)?.['ordered'] === 1 ? nextInOrder(topic, name) : nextByTime(topic, name);
      if (next === undefined) remove.run(topic, name);
      else update.run(next.due_ms, next.sequence, leasedBy, topic, name);
    },

    purged: (topic: string): void => void removeAll.run(topic),
  };
}

type Next = Pick<Row, 'due_ms' | 'sequence'>;

const byTime = (a: Next, b: Next): number => a.due_ms - b.due_ms || a.sequence - b.sequence;

/** Gathers what happened to the messages of groups, so that each group is reckoned once. */
export class GroupChanges {
  readonly #groups: Groups;
  readonly #topic: string;
  readonly #leasedBy = new Map<string, number>();

  constructor(groups: Groups, topic: string) {
    this.#groups = groups;
    this.#topic = topic;
  }

  note(group: string | null, leasedBy: number): void {
    if (group !== null) this.#leasedBy.set(group, (this.#leasedBy.get(group) ?? 0) + leasedBy);
  }

  apply(): void {
    for (const [name, leasedBy] of this.#leasedBy) this.#groups.changed(this.#topic, name, leasedBy);
  }
}
