import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { PlatformError } from '../../../util/errors.ts';
import { controlGroupMounts } from './find-control-groups.ts';
import { openLibc, type Libc } from './libc.ts';
import { quickenMoves, whySlowMoves, type Kernel } from './quicken-moves.ts';

type MountCall = Parameters<Libc['mount']>[0];

function kernel(t: TestContext, ...lines: readonly string[]): Kernel {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-moves-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'mountinfo');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return { release: '6.1.0-13-amd64', mountinfoFile: file };
}

/** What the kernel does. */
const appendOption = ({ mountinfoFile }: Kernel): void =>
  writeFileSync(mountinfoFile, readFileSync(mountinfoFile, 'utf8').replace(/\n$/, ',favordynmods\n'));

const slow = '31 23 0:28 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw';

test('the tree of version 2 is mounted again as it is, and with quick moves', (t) => {
  const here = kernel(
    t,
    '30 23 0:27 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu',
    '31 23 0:28 / /sys/fs/control\\040groups rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot',
  );
  const calls: MountCall[] = [];
  const mount = (call: MountCall): void => {
    calls.push(call);
    appendOption(here);
  };
  assert.equal(quickenMoves({ mount }, here), undefined);
  // From <sys/mount.h>: MS_REMOUNT, MS_NOSUID, MS_NODEV, MS_NOEXEC and MS_RELATIME.
  const flags = 32 | 2 | 4 | 8 | (1 << 21);
  assert.deepEqual(calls, [
    { target: '/sys/fs/control groups', flags, options: 'nsdelegate,memory_recursiveprot,favordynmods' },
  ]);
});

test('nothing is mounted where moves are quick already, where that tree is read-only, and where there is none', (t) => {
  const refuse = {
    mount: () => {
      throw new Error('nothing was to be mounted');
    },
  };
  const line = '31 23 0:28 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,favordynmods';
  assert.equal(quickenMoves(refuse, kernel(t, line)), undefined);
  const readOnly = '31 23 0:28 / /sys/fs/cgroup ro,relatime - cgroup2 cgroup2 rw';
  assert.equal(quickenMoves(refuse, kernel(t, readOnly)), '/sys/fs/cgroup is mounted read-only');
  assert.equal(quickenMoves(refuse, kernel(t)), 'version 2 of control groups is not mounted');
});

test('a kernel that refuses, or does nothing, is no reason to fail; one that knows no other way is quick', (t) => {
  const here = kernel(t, slow);
  const refuse = {
    mount: () => {
      throw new PlatformError('unavailable', 'could not mount: EINVAL', { reason: 'EINVAL' });
    },
  };
  assert.equal(quickenMoves(refuse, here), 'could not mount: EINVAL');
  const passesOver = { mount: () => undefined };
  assert.equal(quickenMoves(passesOver, here), 'the kernel does not take favordynmods here');
  for (const release of ['5.19.17', '5.4.0-216-generic', '4.19.0'])
    assert.equal(quickenMoves(refuse, { ...here, release }), undefined);
  assert.equal(quickenMoves(refuse, { ...here, release: '10.0.1' }), 'could not mount: EINVAL');
});

test('who only looks is told what is so, and who would change it', (t) => {
  assert.match(whySlowMoves(kernel(t, slow)) ?? '', /not set, which mayfly serve does .*--keep-cgroup-mounts/);
  assert.equal(whySlowMoves({ ...kernel(t, slow), release: '5.19.17' }), undefined);
  assert.equal(whySlowMoves(kernel(t, `${slow},favordynmods`)), undefined);
  assert.equal(whySlowMoves(kernel(t)), 'version 2 of control groups is not mounted');
});

const ownMounts = readFileSync('/proc/self/mountinfo', 'utf8');
const treeIn = (mountinfo: string) => controlGroupMounts(mountinfo).find(({ version }) => version === 2);
// No test changes the machine: it is set once more, where it is already.
const mayMount = process.getuid?.() === 0 && treeIn(ownMounts)?.options.includes('favordynmods') === true;

test('the kernel takes it, and leaves how the tree is mounted', { skip: !mayMount }, (t) => {
  const asBefore = kernel(t, ownMounts.replaceAll(',favordynmods', '').trimEnd());
  const why = quickenMoves(openLibc(), asBefore);
  // In a container the kernel refuses.
  if (why !== 'the kernel does not take favordynmods here') return t.skip(why);
  assert.deepEqual(treeIn(readFileSync('/proc/self/mountinfo', 'utf8')), treeIn(ownMounts));
});
