import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const keep = join(import.meta.dirname, 'keep-compiled.cjs');
const stripper = 'NativeModule internal/deps/amaro/dist/index';

let folder: string;
let script: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-compiled-'));
  script = join(folder, 'script.ts');
  await writeFile(
    script,
    `const seen: string[] = process.moduleLoadList.filter((name: string) => name === '${stripper}');
import { Worker, isMainThread } from 'node:worker_threads';
import { getCompileCacheDir } from 'node:module';
import { threadFlags } from '${join(import.meta.dirname, 'thread-flags.ts')}';
if (isMainThread) await new Promise((done) => new Worker(import.meta.filename, { execArgv: [...threadFlags] }).on('exit', done));
console.log(JSON.stringify({ strips: seen.length > 0, kept: getCompileCacheDir() }));
`,
  );
});
after(() => rm(folder, { recursive: true, force: true }));

/** What the first thread and the second say of themselves. */
async function start(cache: string): Promise<{ strips: boolean; kept?: string }[]> {
  const { NODE_COMPILE_CACHE: _own, ...environment } = process.env;
  const { stdout } = await run(process.execPath, ['--require', keep, script], {
    env: { ...environment, XDG_CACHE_HOME: cache, TMPDIR: folder },
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { strips: boolean; kept?: string });
}

test('a second start loads nothing that strips types, in no thread, and what was kept is the user’s alone', async () => {
  const cache = join(folder, 'cache');
  assert.deepEqual(
    (await start(cache)).map(({ strips }) => strips),
    [true, true],
  );
  const again = await start(cache);
  assert.deepEqual(
    again.map(({ strips }) => strips),
    [false, false],
  );
  const place = join(cache, 'mayfly', 'compiled');
  for (const { kept } of again) assert.ok(kept?.startsWith(`${place}/`), kept ?? 'none');
  assert.equal((await stat(place)).mode & 0o777, 0o700);
});

test('a folder that others may write, or that lies behind a link, is left alone', async () => {
  const open = join(folder, 'open', 'mayfly', 'compiled');
  await mkdir(open, { recursive: true });
  await chmod(open, 0o777);
  const linked = join(folder, 'linked', 'mayfly');
  await mkdir(linked, { recursive: true });
  await symlink(open, join(linked, 'compiled'));
  for (const cache of ['open', 'linked']) {
    const own = join(folder, `mayfly-compiled-${process.getuid?.()}`);
    for (const { kept } of await start(join(folder, cache))) assert.ok(kept?.startsWith(`${own}/`), kept ?? 'none');
  }
  assert.deepEqual(await readdir(open), []);
});

test(
  'root keeps nothing below what another user has, nor makes anything there',
  { skip: process.getuid?.() !== 0 },
  async () => {
    const another = join(folder, 'another');
    await mkdir(join(another, 'within'), { recursive: true });
    const nobody = 65_534;
    await chown(another, nobody, nobody);
    const linked = join(folder, 'link-to-another');
    await symlink(join(another, 'within'), linked);
    const own = join(folder, `mayfly-compiled-${process.getuid?.()}`);
    for (const cache of [another, join(another, 'within'), linked])
      for (const { kept } of await start(cache)) assert.ok(kept?.startsWith(`${own}/`), kept ?? 'none');
    assert.deepEqual(await readdir(another, { recursive: true }), ['within']);
  },
);
