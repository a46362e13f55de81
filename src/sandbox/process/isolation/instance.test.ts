import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { claimInstance } from './instance.ts';
import { openLibc } from './libc.ts';

test('each platform has a number of its own, and what the dead left is swept', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-instance-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const libc = openLibc();
  const swept: number[] = [];
  const sweep = async (number: number): Promise<void> => void swept.push(number);

  const first = await claimInstance(libc, folder, sweep);
  const second = await claimInstance(libc, folder, sweep);
  assert.deepEqual([first.number, second.number, swept], [0, 1, []]);

  // The lock of a dead platform is free, and its folder still there.
  mkdirSync(join(folder, '5'));
  first.release();
  const third = await claimInstance(libc, folder, sweep);
  assert.deepEqual([third.number, swept], [0, [5]]);
  assert.equal(existsSync(join(folder, '5')), false);

  second.release();
  third.release();
  assert.deepEqual(
    readdirSync(folder).filter((name) => !name.endsWith('.lock')),
    [],
  );
});

test('a folder that still has something in it is never removed with it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-instance-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, '0', 'precious'), { recursive: true });
  await assert.rejects(
    claimInstance(openLibc(), folder, async () => undefined),
    /ENOTEMPTY/,
  );
  assert.ok(existsSync(join(folder, '0', 'precious')));
});
