import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { holdName } from './hold-name.ts';
import { claimInstance, type Leftovers } from './instance.ts';
import { openLibc } from './libc.ts';

/** Of a network that nobody else is in. */
function names(): (name: string) => Promise<Disposable | undefined> {
  const held = new Set<string>();
  return async (name) => {
    if (held.has(name)) return undefined;
    held.add(name);
    return { [Symbol.dispose]: () => void held.delete(name) };
  };
}

test('each platform has a number of its own, and what the dead left is swept', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-instance-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const libc = openLibc();
  const swept: number[] = [];
  const options = { libc, folder, holdName: names(), sweep: async ({ number }: Leftovers) => void swept.push(number) };

  const first = await claimInstance(options);
  const second = await claimInstance(options);
  assert.deepEqual([first.number, second.number, swept], [0, 1, []]);

  // The lock of a dead platform is free, and its folder still there.
  mkdirSync(join(folder, '5'));
  first.release();
  const third = await claimInstance(options);
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
    claimInstance({ libc: openLibc(), folder, holdName: names(), sweep: async () => undefined }),
    /ENOTEMPTY/,
  );
  assert.ok(existsSync(join(folder, '0', 'precious')));
});

test('platforms that see other files and share the network have other numbers, and names of groups that differ', async (t) => {
  const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'mayfly-instance-')));
  t.after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));
  const holdSharedName = names();
  const claimed = await Promise.all(
    folders.map((folder) =>
      claimInstance({
        libc: openLibc(),
        folder,
        holdName: holdSharedName,
        sweep: () => assert.fail('nothing is left'),
      }),
    ),
  );
  assert.deepEqual(new Set(claimed.map(({ number }) => number)), new Set([0, 1]));
  const alike = await Promise.all(
    folders.map((folder) =>
      claimInstance({ libc: openLibc(), folder, holdName: names(), sweep: async () => undefined }),
    ),
  );
  assert.notEqual(alike[0]?.groupPrefix, alike[1]?.groupPrefix);
  for (const instance of [...claimed, ...alike]) instance.release();
});

test('a name is held by one, until it is let go of', async () => {
  const name = `mayfly-test-${process.pid}`;
  const first = await holdName(name);
  assert.ok(first !== undefined);
  assert.equal(await holdName(name), undefined);
  first[Symbol.dispose]();
  const second = await holdName(name);
  assert.ok(second !== undefined);
  second[Symbol.dispose]();
});
