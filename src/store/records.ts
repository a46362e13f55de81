/**
 * The store's first port: small JSON records by key, changed together or not at all.
 *
 * Keys are paths (`function/000000000000/hello`), ordered by their bytes. What `transact` has answered is on disk. It
 * never blocks the event loop that answers requests. Next: store/sqlite/ (the default) and store/memory/ (tests);
 * test/contract/store.ts says what every engine must do.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

export type Entry = {
  key: string;
  value: unknown;
  /** Grows with each change of this key, never reused; 0 stands for "absent" in a `check`. */
  revision: number;
};

export type Operation =
  /** Commit only if the key is still at `revision` (0: does not exist). */
  | { kind: 'check'; key: string; revision: number }
  /** `value` is JSON. */
  | { kind: 'put'; key: string; value: unknown }
  | { kind: 'delete'; key: string }
  /**
   * An outbox entry: once committed, the message reaches the log's topic at least once, and at once if nothing
   * crashes. A message whose id the topic still holds is dropped, so consumers must be idempotent by id.
   */
  | { kind: 'append'; topic: string; message: LogMessage }
  /** Commit only if the topic holds this message and nobody has it leased; it is gone from there then. */
  | { kind: 'take'; topic: string; id: string };

export type LogMessage = {
  /** Unique in its topic. */
  id: string;
  body: string;
  /** Not before this time (epoch ms); absent: at once. */
  notBeforeMs?: number;
  /** All messages of a topic have groups of the same kind, or none. */
  group?: MessageGroup;
  /** A message of the same key that comes until `untilMs` is dropped, and answered as this one; also after this one is gone. */
  unique?: { key: string; untilMs: number };
};

/**
 * `ordered`: given out in the order of arrival, and nothing more while one of the group is leased; a redelivered one
 * is the group's first again. Not ordered: groups with many leased messages stand back behind the others.
 */
export type MessageGroup = { name: string; ordered: boolean };

/** `after`, `from` and `before` are bounds in the order of keys, also of a range that is read in reverse. */
export type Range = {
  /** Every key that starts with this. */
  prefix: string;
  /** Only keys after this one (whole key, exclusive). */
  after?: string;
  /** Only keys from this one on (whole key, inclusive). */
  from?: string;
  /** Only keys before this one (whole key, exclusive). */
  before?: string;
  /** Entries at most; from 1 to 10,000. */
  limit: number;
  reverse?: boolean;
};

export type Committed = { status: 'committed'; revision: number } | { status: 'conflict'; key: string };

export interface Records {
  get(key: string): Promise<Entry | undefined>;
  range(range: Range): Promise<Entry[]>;
  /** All or none. `conflict` names the first key whose check failed, or `topic id` of what could not be taken. Rejects with `unavailable` when the disk refuses. */
  transact(operations: readonly Operation[]): Promise<Committed>;
}

/** Every entry under `prefix`, a page at a time: for start-up and reports, not for the hot path. `pageLength`: fewer of large ones. */
export async function* scan(records: Records, prefix: string, pageLength = 1_000): AsyncGenerator<Entry> {
  let after: string | undefined;
  for (;;) {
    const page = await records.range({ prefix, limit: pageLength, ...(after === undefined ? {} : { after }) });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageLength) return;
    after = last.key;
    // An engine may answer from memory, at once: a million entries would hold up every request meanwhile.
    await nextTurn();
  }
}
