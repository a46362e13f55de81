import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
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
