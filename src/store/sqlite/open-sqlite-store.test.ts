import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { PlatformError } from '../../util/errors.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import type { Store } from '../store.ts';
import { openSqliteStore } from './open-sqlite-store.ts';

const clock = new FakeClock();

async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-sqlite-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('a folder belongs to one store: a second one is refused by folder and pid, until the first is closed or killed', async (t) => {
  const folder = await newFolder(t);
  const script = `
    const { openSqliteStore } = await import(${JSON.stringify(new URL('./open-sqlite-store.ts', import.meta.url).href)});
    const { systemClock } = await import(${JSON.stringify(new URL('../../util/clock.ts', import.meta.url).href)});
    await openSqliteStore({ folder: ${JSON.stringify(folder)}, clock: systemClock });
    console.log('open');
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const refusal = (pid: number | undefined) => (error: PlatformError) => {
    assert.equal(error.code, 'unavailable');
    assert.ok(error.message.includes(folder) && error.message.includes(`pid ${pid}`), error.message);
    return true;
  };
  await assert.rejects(openSqliteStore({ folder, clock }), refusal(child.pid));
  child.kill('SIGKILL');
  await once(child, 'exit');

  const first = await openSqliteStore({ folder, clock });
  await assert.rejects(openSqliteStore({ folder, clock }), refusal(process.pid));
  await first[Symbol.asyncDispose]();
  await (await openSqliteStore({ folder, clock }))[Symbol.asyncDispose]();
});

test('a process whose last act is to close its store, with something still asked of it, sees that through', async (t) => {
  const script = `
    const { openSqliteStore } = await import(${JSON.stringify(new URL('./open-sqlite-store.ts', import.meta.url).href)});
    const { systemClock } = await import(${JSON.stringify(new URL('../../util/clock.ts', import.meta.url).href)});
    const store = await openSqliteStore({ folder: ${JSON.stringify(await newFolder(t))}, clock: systemClock });
    void store.records.transact([{ kind: 'put', key: 'a', value: 1 }]);
    await store[Symbol.asyncDispose]();
    console.log('closed');`;
  assert.equal(execFileSync(process.execPath, ['--input-type=module', '--eval', script]).toString(), 'closed\n');
});

test('a commit waits while another program has the database', async (t) => {
  const folder = await newFolder(t);
  await using store = await openSqliteStore({ folder, clock });
  const other = new DatabaseSync(join(folder, 'mayfly.db'));
  other.exec('BEGIN IMMEDIATE');
  setTimeout(() => other.close(), 300);
  assert.equal((await store.records.transact([{ kind: 'put', key: 'a', value: 1 }])).status, 'committed');
});

test('closing answers what was asked before it and refuses what is asked after it', async (t) => {
  const store = await openSqliteStore({ folder: await newFolder(t), clock });
  const before = Array.from({ length: 100 }, (_, index) =>
    store.records.transact([{ kind: 'put', key: `k${index}`, value: index }]),
  );
  const closed = store[Symbol.asyncDispose]();
  for (const result of await Promise.all(before)) assert.equal(result.status, 'committed');
  await closed;
  await assert.rejects(store.records.transact([]), { code: 'unavailable' });
  await assert.rejects(store.records.get('k1'), { code: 'unavailable' });
  await assert.rejects(store.log.append('topic', [{ id: 'a', body: '' }]), { code: 'unavailable' });
});

test('an idle store does not keep its process alive', async (t) => {
  const folder = await newFolder(t);
  const script = `
    const { openSqliteStore } = await import(${JSON.stringify(new URL('./open-sqlite-store.ts', import.meta.url).href)});
    const { systemClock } = await import(${JSON.stringify(new URL('../../util/clock.ts', import.meta.url).href)});
    const store = await openSqliteStore({ folder: ${JSON.stringify(folder)}, clock: systemClock });
    await store.records.transact([{ kind: 'put', key: 'a', value: 1 }]);
    console.log('written');`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  assert.equal(output, 'written\n');
  await using store = await openSqliteStore({ folder, clock });
  assert.equal((await store.records.get('a'))?.value, 1);
});

test('a folder that cannot be used is refused by name; files that may hold secrets are the owner’s alone', async (t) => {
  const folder = await newFolder(t);
  await writeFile(join(folder, 'file'), '');
  await assert.rejects(openSqliteStore({ folder: join(folder, 'file', 'data'), clock }), {
    code: 'unavailable',
    message: /file\/data cannot be used: /,
  });
  await using store = await openSqliteStore({ folder, clock });
  await store.records.transact([{ kind: 'put', key: 'a', value: 1 }]);
  for (const file of ['mayfly.db', 'mayfly.db-wal', 'mayfly.db-shm']) {
    assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600, file);
  }
});

test('a database that is none is refused, and left as it is', async (t) => {
  const folder = await newFolder(t);
  await writeFile(join(folder, 'mayfly.db'), 'this is somebody else’s file, and longer than a header is'.repeat(20));
  await assert.rejects(openSqliteStore({ folder, clock }), {
    code: 'unavailable',
    message: /mayfly\.db cannot be opened/,
  });
  assert.match(await readFile(join(folder, 'mayfly.db'), 'utf8'), /^this is somebody/);
});

/** A file system of a few megabytes, which only root can make; undefined: not here, and the test is skipped. */
function mountSmall(t: TestContext, folder: string): Disposable | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    t.skip(`no small file system to fill: ${String(error).split('\n')[0]}`);
    return undefined;
  }
  return { [Symbol.dispose]: () => void execFileSync('umount', [folder]) };
}

const refusedByDisk = (error: unknown): void => {
  assert.ok(error instanceof PlatformError, String(error));
  assert.equal(error.code, 'unavailable');
};

async function* zeroes(length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536));
}

/** Puts records of 10 kB until the disk refuses; answers how many were acknowledged. */
async function fillWithRecords(store: Store, prefix: string): Promise<number> {
  for (let count = 0; count < 10_000; count++) {
    try {
      await store.records.transact([{ kind: 'put', key: `${prefix}/${count}`, value: 'x'.repeat(10_000) }]);
    } catch (error) {
      refusedByDisk(error);
      return count;
    }
  }
  return assert.fail('the disk was never full');
}

test('a full disk is said, loses nothing, leaves nothing half-written, and is got over', async (t) => {
  const folder = await newFolder(t);
  const small = join(folder, 'small');
  await mkdir(small);
  using mounted = mountSmall(t, small);
  if (mounted === undefined) return;
  await writeFile(join(small, 'ballast'), Buffer.alloc(1_500_000));
  await using store = await openSqliteStore({ folder: join(small, 'data'), clock });

  await store.blobs.write('kept', zeroes(100_000));
  await assert.rejects(store.blobs.write('too-large', zeroes(8_000_000)), { code: 'unavailable' });
  assert.equal(await store.blobs.size('too-large'), undefined);

  const acknowledged = await fillWithRecords(store, 'record');
  assert.ok(acknowledged > 10);
  assert.equal((await store.records.range({ prefix: 'record/', limit: 10_000 })).length, acknowledged);

  await rm(join(small, 'ballast'));
  assert.ok((await fillWithRecords(store, 'later')) > 0);
  assert.equal((await store.records.range({ prefix: 'record/', limit: 10_000 })).length, acknowledged);
  assert.equal(await store.blobs.size('kept'), 100_000);
});
