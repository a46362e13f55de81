import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { waiterFile } from './waiter-file.ts';

const skip = process.arch === 'x64' ? false : 'the program is for x86-64';

test('who look for it at once all find the one that is made', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-waiter-file-'));
  t.after(() => rm(folder, { recursive: true }));
  const found = await Promise.all(Array.from({ length: 8 }, () => waiterFile(folder)));
  const paths = [...new Set(found.map((one) => one?.from))];
  const [path = ''] = paths;
  assert.equal(paths.length, 1);
  assert.deepEqual(await readdir(dirname(path)), [path.slice(dirname(path).length + 1)]);
});

test('it can be read and run by others, whatever the umask', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-waiter-file-'));
  t.after(() => rm(folder, { recursive: true }));
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  const { from } = (await waiterFile(folder)) ?? assert.fail('it can be written here');
  assert.equal((await stat(from)).mode & 0o777, 0o755);
  await chmod(from, 0o700);
  assert.equal((await waiterFile(folder))?.from, from);
  assert.equal((await stat(from)).mode & 0o777, 0o755, 'one that was made otherwise is made anew');
});

test('one that is empty, short or another is made anew', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-waiter-file-'));
  t.after(() => rm(folder, { recursive: true }));
  const { from } = (await waiterFile(folder)) ?? assert.fail('it can be written here');
  const program = await readFile(from);
  const { ino } = await stat(from);
  await waiterFile(folder);
  assert.equal((await stat(from)).ino, ino, 'one that is as it should be stays');
  // The last one is filled up with zeros to its length.
  for (const lengths of [[0], [100], [100, program.length]]) {
    for (const length of lengths) await truncate(from, length);
    assert.equal((await waiterFile(folder))?.from, from);
    assert.deepEqual(await readFile(from), program, String(lengths));
  }
  assert.equal((await readdir(dirname(from))).length, 1);
});
