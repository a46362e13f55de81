/**
 * Claim: durable writes of many callers at once cost a small part of a commit each, and never stop the event loop. The
 * same row, in the same run: a bare loop of node:sqlite commits on the main thread, and the store.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import { systemClock } from '../src/util/clock.ts';
import { machine } from './harness/machine.ts';

const secondsEach = 2;
const value = { functionName: 'hello', status: 'ok', billedMs: 12, memoryMb: 512 };

type Row = { name: string; callers: number; perSecond: number; loopMsP99: number };

/** `callers` loops of `once`, each waiting for its own write, for a while. `each`: rows in one `once`. */
async function measure(name: string, callers: number, once: (count: number) => unknown, each = 1): Promise<Row> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let count = 0;
  const startMs = performance.now();
  const endMs = startMs + secondsEach * 1_000;
  delay.enable();
  const caller = async (): Promise<void> => {
    while (performance.now() < endMs) await once((count += 1));
  };
  await Promise.all(Array.from({ length: callers }, caller));
  delay.disable();
  return {
    name,
    callers,
    perSecond: (count * each) / ((performance.now() - startMs) / 1_000),
    loopMsP99: delay.percentile(99) / 1e6,
  };
}

async function measureBare(folder: string): Promise<Row> {
  using database = new DatabaseSync(join(folder, 'bare.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE records (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID');
  const put = database.prepare('INSERT INTO records VALUES (?, ?)');
  return await measure('node:sqlite, a commit for each row', 1, (count) => {
    put.run(`row/${count}`, JSON.stringify(value));
    // Something else may run between two commits, as between two requests.
    return new Promise(setImmediate);
  });
}

async function measureStore(folder: string): Promise<Row[]> {
  await using store = await openSqliteStore({ folder, clock: systemClock });
  const { records, log, blobs } = store;
  const put = (prefix: string) => (count: number) =>
    records.transact([{ kind: 'put', key: `${prefix}/${count}`, value }]);
  const rows: Row[] = [];
  for (const callers of [1, 16, 512]) rows.push(await measure('transact, one put', callers, put(`put-${callers}`)));
  rows.push(
    await measure(
      'transact, rows in puts of 500 at once',
      1,
      (count) =>
        records.transact(
          Array.from({ length: 500 }, (_, index) => ({ kind: 'put', key: `usage/${count}/${index}`, value })),
        ),
      500,
    ),
  );
  rows.push(
    await measure('append', 16, (count) => log.append('topic', [{ id: `${count}`, body: JSON.stringify(value) }])),
  );
  rows.push(
    await measure('append, receive and acknowledge', 16, async (count) => {
      const topic = `topic/${count % 16}`;
      await log.append(topic, [{ id: `${count}`, body: JSON.stringify(value) }]);
      const messages = await log.receive(topic, { max: 10, leaseMs: 60_000 });
      await log.acknowledge(
        topic,
        messages.map(({ receipt }) => receipt),
      );
    }),
  );
  const bytes = Buffer.alloc(20_000, 7);
  rows.push(
    await measure('blob of 20 kB', 16, (count) =>
      blobs.write(
        `blob/${count}`,
        (async function* () {
          yield bytes;
        })(),
      ),
    ),
  );
  return rows;
}

const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-store-'));
try {
  const bare = await measureBare(folder);
  const rows = [bare, ...(await measureStore(join(folder, 'store')))];
  console.log(`store: durable writes, one run. ${machine()}`);
  console.log('| | callers | durable rows/s | × node:sqlite | event loop late by, p99 |');
  console.log('| --- | --: | --: | --: | --: |');
  for (const { name, callers, perSecond, loopMsP99 } of rows) {
    const ratio = (perSecond / bare.perSecond).toFixed(2);
    console.log(`| ${name} | ${callers} | ${perSecond.toFixed(0)} | ${ratio} | ${loopMsP99.toFixed(1)} ms |`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
