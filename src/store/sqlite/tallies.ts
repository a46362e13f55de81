import type { DatabaseSync } from 'node:sqlite';
import type { Tallied } from '../log.ts';

/** Counts what a commit does to each topic, in memory until that commit ends: a row for each, whatever their number. */
export type Tallies = {
  note(topic: string, what: Tallied, count?: number): void;
  /** Within the transaction. */
  save(): void;
  /** After a rollback. */
  reload(): void;
  of(topic: string): Partial<Record<Tallied, number>>;
  forget(topic: string): void;
};

export function openTallies(database: DatabaseSync): Tallies {
  const add = database.prepare(
    'INSERT INTO tallies (topic, what, count) VALUES (?, ?, ?) ON CONFLICT (topic, what) DO UPDATE SET count = count + excluded.count',
  );
  const select = database.prepare('SELECT what, count FROM tallies WHERE topic = ?');
  const remove = database.prepare('DELETE FROM tallies WHERE topic = ?');
  let noted = new Map<string, Map<Tallied, number>>();

  function save(): void {
    if (noted.size === 0) return;
    for (const [topic, counts] of noted) for (const [what, count] of counts) add.run(topic, what, count);
    noted = new Map();
  }

  return {
    note(topic, what, count = 1) {
      if (count === 0) return;
      let counts = noted.get(topic);
      if (counts === undefined) noted.set(topic, (counts = new Map()));
      counts.set(what, (counts.get(what) ?? 0) + count);
    },
    save,
    reload() {
      noted = new Map();
    },
    of(topic) {
      save();
      const rows = select.all(topic) as { what: Tallied; count: number }[];
      return Object.fromEntries(rows.map(({ what, count }) => [what, count]));
    },
    forget(topic) {
      noted.delete(topic);
      remove.run(topic);
    },
  };
}
