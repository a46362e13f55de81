import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { KeptReleases } from './kept-releases.ts';
import { releaseId } from './release-id.ts';
import type { Installed } from './runtime.ts';

async function setUp(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-releases-'));
  context.after(() => rm(folder, { recursive: true }));
  const [binary, inside] = [join(folder, 'node'), join(folder, 'inside')];
  await writeFile(binary, 'the interpreter', { mode: 0o755 });
  await mkdir(inside);
  await writeFile(join(inside, 'shim.cjs'), 'the program around it');
  const installed: Installed = {
    version: '26.1.0',
    from: 'npm package node',
    command: (memoryMb) => ['/node', ...(memoryMb === undefined ? [] : [`--heap=${memoryMb}`]), '/shim.cjs'],
    mounts: [
      { from: binary, to: '/node' },
      { from: inside, to: '/var/runtime' },
    ],
  };
  return { folder, binary, inside, installed, kept: new KeptReleases(join(folder, 'releases')) };
}

test('another version, another interpreter or one byte of our own is another release, and the same is the same', async (context) => {
  const { binary, inside, installed } = await setUp(context);
  const id = await releaseId('nodejs26.x', installed);
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.equal(await releaseId('nodejs26.x', { ...installed, mounts: [...installed.mounts] }), id);
  const others = [
    await releaseId('nodejs24.x', installed),
    await releaseId('nodejs26.x', { ...installed, version: '26.1.1' }),
  ];
  await writeFile(join(inside, 'shim.cjs'), 'the Program around it');
  others.push(await releaseId('nodejs26.x', installed));
  await writeFile(binary, 'the interpreter, mended');
  others.push(await releaseId('nodejs26.x', installed), await releaseId('nodejs26.x', { ...installed, from: binary }));
  assert.equal(new Set([id, ...others]).size, 6);
});

test('what is kept stays as it was when an installer replaces it, and costs nothing until then', async (context) => {
  const { binary, inside, installed, kept } = await setUp(context);
  assert.equal(kept.find('nodejs26.x', 'a', installed), undefined);
  assert.equal(await kept.keep('nodejs26.x', 'a', installed), true);
  assert.equal(await kept.keep('nodejs26.x', 'a', installed), true, 'again');
  assert.equal((await stat(binary)).nlink, 2);

  await writeFile(`${binary}.new`, 'another interpreter');
  await rename(`${binary}.new`, binary);
  await rm(inside, { recursive: true });
  const now: Installed = { ...installed, version: '26.2.0' };
  const found = kept.find('nodejs26.x', 'a', now);
  assert.deepEqual([found?.version, found?.from], ['26.1.0', 'npm package node']);
  assert.deepEqual(
    found?.mounts.map(({ to }) => to),
    ['/node', '/var/runtime'],
  );
  assert.equal(await readFile(found?.mounts[0]?.from ?? '', 'utf8'), 'the interpreter');
  assert.equal(await readFile(join(found?.mounts[1]?.from ?? '', 'shim.cjs'), 'utf8'), 'the program around it');
  assert.deepEqual(found?.command(undefined), ['/node', '/shim.cjs']);
  assert.deepEqual(found?.command(512), ['/node', '--heap=512', '/shim.cjs']);
  assert.deepEqual(kept.find('nodejs26.x', 'a', undefined)?.command(512), ['/node', '/shim.cjs']);

  await kept.keepOnly('nodejs26.x', new Set(['b']));
  assert.equal(kept.has('nodejs26.x', 'a'), false);
});

test('what is being kept is not taken for what a crash left', async (context) => {
  const { folder, installed, kept } = await setUp(context);
  const place = join(folder, 'releases', 'nodejs26.x');
  const keeping = kept.keep('nodejs26.x', 'a', installed);
  while ((await readdir(place).catch(() => [])).length === 0) await new Promise(setImmediate);
  await mkdir(join(place, 'b.left'));
  await kept.keepOnly('nodejs26.x', new Set(['a']));
  assert.equal(await keeping, true);
  assert.deepEqual(await readdir(place), ['a']);
});

test('where programs cannot be run from, nothing is kept', async (context) => {
  const { folder, installed } = await setUp(context);
  const disk = join(folder, 'disk');
  await mkdir(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'noexec,size=1m', 'tmpfs', disk]);
  if (mounted.status !== 0) return context.skip('mounting needs root');
  try {
    const kept = new KeptReleases(disk);
    assert.equal(await kept.keep('nodejs26.x', 'a', installed), false);
    assert.deepEqual(await readdir(join(disk, 'nodejs26.x')), []);
  } finally {
    spawnSync('umount', [disk]);
  }
});

test('what would take the room that is set aside is not copied, and one line says so', async (context) => {
  const { folder, binary, inside, installed } = await setUp(context);
  const disk = join(folder, 'disk');
  await mkdir(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
  if (mounted.status !== 0) return context.skip('mounting needs root');
  try {
    const kept = new KeptReleases(disk);
    await writeFile(join(inside, 'library'), Buffer.alloc(7 * 1024 * 1024));
    await assert.rejects(
      kept.keep('nodejs26.x', 'a', installed),
      /^Error: \S+\/inside cannot be kept as .*: a copy takes 7\.0 MB, and of the 8\.0 MB that are left on the disk 2\.0 MB are set aside$/,
    );
    assert.deepEqual(await readdir(join(disk, 'nodejs26.x')), []);
    await rm(join(inside, 'library'));
    for (const name of ['one', 'two']) await symlink('nowhere', join(inside, name));
    await assert.rejects(
      kept.keep('nodejs26.x', 'a', installed),
      /^Error: [^\n]*cannot be kept as [^\n]*(one|two)[^\n]*$/,
    );
    for (const name of ['one', 'two']) await rm(join(inside, name));
    assert.equal(await kept.keep('nodejs26.x', 'a', installed), true);
    assert.notEqual((await stat(binary)).dev, (await stat(disk)).dev);
  } finally {
    spawnSync('umount', [disk]);
  }
});

test("the system's own interpreter is kept if it can run from copies of its files", async (context) => {
  const { binary, inside, installed, kept } = await setUp(context);
  const elsewhere = { command: () => ['/elsewhere/node', '/shim.cjs'], mounts: [{ from: inside, to: '/elsewhere' }] };
  assert.equal(await kept.keep('python', 'b', { ...installed, from: binary, apart: elsewhere }), true);
  const found = kept.find('python', 'b', undefined);
  assert.deepEqual([found?.command(512), found?.mounts.map(({ to }) => to)], [elsewhere.command(), ['/elsewhere']]);
  assert.equal(await kept.keep('python', 'a', { ...installed, from: binary }), false);
  assert.equal(kept.has('python', 'a'), false);
});
