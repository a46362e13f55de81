/**
 * The main thread's read-only connection. In WAL mode it never waits for the writer, and sees a commit from the moment
 * it is on disk. Its statements are prepared once; none reads more than a page of the caller's choosing.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { afterPrefix, intervalOf } from '../key-order.ts';
import { decodeValue } from '../encode-operations.ts';
import type { Lying } from '../log.ts';
import type { Entry, Range } from '../records.ts';
import type { TopicTimes } from '../topic-watches.ts';

/** How long a read waits for another connection; that happens while a log is recovered or cut back, and is short. */
const busyMs = 5_000;

/** Sorts after every text: in SQLite a blob does. */
const noEnd = new Uint8Array(0);

export type Reader = ReturnType<typeof openReader>;

export function openReader(path: string) {
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyMs });
  database.exec('PRAGMA cache_size = -16384');
  const get = database.prepare('SELECT revision, value FROM records WHERE key = ?');
  const range = 'SELECT key, revision, value FROM records WHERE key >= ? AND key < ? ORDER BY key';
  const forward = database.prepare(`${range} LIMIT ?`);
  const backward = database.prepare(`${range} DESC LIMIT ?`);
  const nextTopic = database.prepare('SELECT min(topic) AS topic FROM messages WHERE topic >= ? AND topic < ?');
  const nextTallied = database.prepare('SELECT min(topic) AS topic FROM tallies WHERE topic >= ? AND topic < ?');
  const lying = 'SELECT id, body, appended_ms, receives, grp, origin FROM messages WHERE topic = ?';
  const peek = database.prepare(`${lying} ORDER BY due_ms, sequence LIMIT ?`);
  const find = database.prepare(`${lying} AND id = ?`);
  const isReady = database.prepare('SELECT 1 FROM messages WHERE topic = ? AND due_ms <= ? LIMIT 1');
  const freePages = database.prepare('PRAGMA freelist_count');
  const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size'] ?? 0);
  const nextDue = database.prepare('SELECT min(due_ms) AS ms FROM messages WHERE topic = ? AND due_ms > ?');

  return {
    get(key: string): Entry | undefined {
      const row = get.get(key) as { revision: number; value: string } | undefined;
      return row === undefined ? undefined : { key, value: decodeValue(row.value), revision: row.revision };
    },

    range(wanted: Range): Entry[] {
      const { start, end } = intervalOf(wanted);
      const statement = wanted.reverse === true ? backward : forward;
      const rows = statement.all(start, end ?? noEnd, wanted.limit) as {
        key: string;
        revision: number;
        value: string;
      }[];
      return rows.map(({ key, revision, value }) => ({ key, value: decodeValue(value), revision }));
    },

    topics: (prefix: string): string[] => eachTopic(nextTopic, prefix),
    tallied: (prefix: string): string[] => eachTopic(nextTallied, prefix),

    peek: (topic: string, limit: number): Lying[] => (peek.all(topic, limit) as LyingRow[]).map(lyingOf),

    find(topic: string, id: string): Lying | undefined {
      const row = find.get(topic, id) as LyingRow | undefined;
      return row && lyingOf(row);
    },

    times(topic: string, nowMs: number): TopicTimes {
      const next = nextDue.get(topic, nowMs)?.['ms'];
      return {
        isReady: isReady.get(topic, nowMs) !== undefined,
        nextDueMs: typeof next === 'number' ? next : undefined,
      };
    },

    /** In pages that hold nothing any more: the file keeps them, and uses them first. */
    reusableBytes: (): number => Number(freePages.get()?.['freelist_count'] ?? 0) * pageBytes,

    close: (): void => database.close(),
  };
}

/** A step of the index for each topic, however many messages they hold. */
function eachTopic(next: StatementSync, prefix: string): string[] {
  const end = afterPrefix(prefix) ?? noEnd;
  const topics: string[] = [];
  for (let start = prefix; ;) {
    const topic = next.get(start, end)?.['topic'];
    if (typeof topic !== 'string') return topics;
    topics.push(topic);
    start = `${topic}\0`;
  }
}

type LyingRow = {
  id: string;
  body: string;
  appended_ms: number;
  receives: number;
  grp: string | null;
  origin: string | null;
};

const lyingOf = ({ id, body, appended_ms: appendedMs, receives, grp, origin }: LyingRow): Lying => ({
  id,
  body,
  appendedMs,
  receives,
  ...(grp !== null && { group: grp }),
  ...(origin !== null && { origin }),
});
