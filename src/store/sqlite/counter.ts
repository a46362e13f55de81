import type { DatabaseSync } from 'node:sqlite';

/** Numbers that only grow, across restarts too. What is drawn is kept by `save`, within the transaction that uses it. */
export type Counter = {
  next(): number;
  save(): void;
  /** After a rollback: back to what the database says. */
  reload(): void;
};

export function openCounter(database: DatabaseSync): Counter {
  const select = database.prepare('SELECT value FROM counter');
  const update = database.prepare('UPDATE counter SET value = ?');
  const read = (): number => Number(select.get()?.['value']);
  let saved = read();
  let value = saved;
  return {
    next: () => ++value,
    save() {
      if (value === saved) return;
      update.run(value);
      saved = value;
    },
    reload() {
      saved = read();
      value = saved;
    },
  };
}
