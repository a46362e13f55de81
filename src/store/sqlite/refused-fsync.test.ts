/** A disk that refuses an fsync, as one does that is about to die, or that was out of reach for a moment. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { systemClock } from '../../util/clock.ts';
import { openSqliteStore } from './open-sqlite-store.ts';

/** Refuses while there is the file that REFUSE names. */
const library = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static int refused(void) {
  const char *file = getenv("REFUSE");
  if (file == NULL || access(file, F_OK) != 0) return 0;
  errno = EIO;
  return 1;
}
int fsync(int fd) { return refused() ? -1 : ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
int fdatasync(int fd) { return refused() ? -1 : ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
`;

const compiler = 'cc';

/** Writes the key that each line of its input names, and says how it went. */
const program = (folder: string): string => `
import { openSqliteStore } from ${JSON.stringify(join(import.meta.dirname, 'open-sqlite-store.ts'))};
import { systemClock } from ${JSON.stringify(join(import.meta.dirname, '../../util/clock.ts'))};
import { createInterface } from 'node:readline';
const { records, refusal } = await openSqliteStore({ folder: ${JSON.stringify(folder)}, clock: systemClock });
for await (const key of createInterface(process.stdin)) {
  const outcome = await records.transact([{ kind: 'put', key, value: 1 }]).then(({ status }) => status, ({ code, message }) => code + ': ' + message);
  const there = await records.get(key);
  console.log(JSON.stringify({ outcome, there: there !== undefined, refusal: refusal() ?? '' }));
}`;

test('a refused fsync is said, reads go on, and so do writes once the disk takes them: no restart, nothing lost', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-fsync-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [source, object, refuse, data] = ['refuse.c', 'refuse.so', 'refuse', 'data'].map((name) => join(folder, name));
  assert.ok(source !== undefined && object !== undefined && refuse !== undefined && data !== undefined);
  await writeFile(source, library);
  try {
    execFileSync(compiler, ['-shared', '-fPIC', '-o', object, source, '-ldl'], { stdio: 'pipe' });
  } catch {
    return t.skip('no C compiler makes a disk that refuses');
  }
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program(data)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, LD_PRELOAD: object, REFUSE: refuse },
  });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const put = async (key: string): Promise<{ outcome: string; there: boolean; refusal: string }> => {
    child.stdin.write(`${key}\n`);
    return JSON.parse((await lines.next()).value ?? 'null') as { outcome: string; there: boolean; refusal: string };
  };

  const kept: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    for (const name of ['one', 'two']) {
      assert.deepEqual(await put(`${round}-${name}`), { outcome: 'committed', there: true, refusal: '' });
      kept.push(`${round}-${name}`);
    }
    await writeFile(refuse, '');
    const first = await put(`${round}-refused`);
    assert.match(first.outcome, /^unavailable: .*the disk has refused to keep what was written \(.*I\/O error\)/);
    assert.equal(first.there, false);
    assert.match(first.refusal, /^the disk has refused to keep what was written \(.*tried again each second$/);
    for (let times = 0; times < 3; times += 1) assert.match((await put(`${round}-refused`)).outcome, /^unavailable: /);
    await rm(refuse);
    let taken = await put(`${round}-taken`);
    for (let times = 0; times < 600 && taken.outcome !== 'committed'; times += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      taken = await put(`${round}-taken`);
    }
    assert.deepEqual(taken, { outcome: 'committed', there: true, refusal: '' });
    kept.push(`${round}-taken`);
  }

  child.kill('SIGKILL');
  await once(child, 'exit');
  await using store = await openSqliteStore({ folder: data, clock: systemClock });
  for (const key of kept) assert.equal((await store.records.get(key))?.value, 1, key);
});
