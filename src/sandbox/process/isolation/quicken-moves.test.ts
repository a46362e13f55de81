import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { PlatformError } from '../../../util/errors.ts';
import { controlGroupMounts } from './find-control-groups.ts';
import { openLibc, type Libc } from './libc.ts';
import { quickenMoves } from './quicken-moves.ts';

type MountCall = Parameters<Libc['mount']>[0];

function mountinfo(t: TestContext, ...lines: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-moves-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'mountinfo');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

/** What the kernel does. */
const appendOption = (file: string): void =>
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\n$/, ',favordynmods\n'));

test('the tree of version 2 is mounted again as it is, and with quick moves', (t) => {
  const file = mountinfo(
    t,
    '30 23 0:27 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu',
    '31 23 0:28 / /sys/fs/cgroup/unified rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot',
  );
  const calls: MountCall[] = [];
  const mount = (call: MountCall): void => {
    calls.push(call);
    appendOption(file);
  };
  assert.equal(quickenMoves({ mount }, file), undefined);
  // From <sys/mount.h>: MS_REMOUNT, MS_NOSUID, MS_NODEV, MS_NOEXEC and MS_RELATIME.
  const flags = 32 | 2 | 4 | 8 | (1 << 21);
  assert.deepEqual(calls, [
    { target: '/sys/fs/cgroup/unified', flags, options: 'nsdelegate,memory_recursiveprot,favordynmods' },
  ]);
});

test('nothing is mounted where moves are quick already, where that tree is read-only, and where there is none', (t) => {
  const refuse = {
    mount: () => {
      throw new Error('nothing was to be mounted');
    },
  };
  const line = '31 23 0:28 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,favordynmods';
  assert.equal(quickenMoves(refuse, mountinfo(t, line)), undefined);
  const readOnly = '31 23 0:28 / /sys/fs/cgroup ro,relatime - cgroup2 cgroup2 rw';
  assert.equal(quickenMoves(refuse, mountinfo(t, readOnly)), '/sys/fs/cgroup is mounted read-only');
  assert.equal(quickenMoves(refuse, mountinfo(t)), 'version 2 of control groups is not mounted');
});

test('a kernel that refuses, or does nothing, is no reason to fail; one that knows no other way is quick', (t) => {
  const line = '31 23 0:28 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw';
  const refusing = (reason: string) => ({
    mount: () => {
      throw new PlatformError('unavailable', `could not mount: ${reason}`, { reason });
    },
  });
  assert.equal(quickenMoves(refusing('EPERM'), mountinfo(t, line)), 'could not mount: EPERM');
  assert.equal(quickenMoves(refusing('EINVAL'), mountinfo(t, line)), undefined);
  const passesOver = { mount: () => undefined };
  assert.equal(quickenMoves(passesOver, mountinfo(t, line)), 'the kernel does not take favordynmods here');
});

const ownTree = controlGroupMounts(readFileSync('/proc/self/mountinfo', 'utf8')).find(({ version }) => version === 2);
const isRoot = process.getuid?.() === 0;

test('the kernel takes it, and leaves how the tree is mounted', { skip: !isRoot || ownTree === undefined }, (t) => {
  const why = quickenMoves(openLibc());
  // In a container the kernel refuses, or passes it over without a word.
  if (why !== undefined) return t.skip(why);
  const now = controlGroupMounts(readFileSync('/proc/self/mountinfo', 'utf8')).find(({ version }) => version === 2);
  assert.deepEqual(now?.mountedWith, ownTree?.mountedWith);
  const others = (options: readonly string[] = []) => options.filter((name) => name !== 'favordynmods');
  assert.deepEqual(others(now?.options), others(ownTree?.options));
});
