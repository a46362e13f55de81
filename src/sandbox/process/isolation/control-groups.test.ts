import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ControlGroup, sweepAbandonedGroups, sweepGroups } from './control-groups.ts';
import { controlGroupsV1 } from './control-groups-v1.ts';
import { controlGroupsV2 } from './control-groups-v2.ts';
import { controlGroupMounts, findControlGroups } from './find-control-groups.ts';

const mountLine = (folder: string, type: string, options: string): string =>
  `31 23 0:28 / ${folder} rw,relatime shared:9 - ${type} ${type} rw,${options}`;

test('version 1 limits memory with swap in an order that works up and down', () => {
  const layout = controlGroupsV1({ memory: '/m', cpu: '/c', pids: '/p', cpuacct: '/c' });
  assert.deepEqual(layout.folders('0-1'), ['/m/0-1', '/c/0-1', '/p/0-1']);
  assert.deepEqual(layout.missing, []);
  assert.deepEqual(layout.limitWrites('0-1', { memoryMb: 128, cpu: 0.5, processes: 9 }), [
    { file: '/m/0-1/memory.memsw.limit_in_bytes', value: '-1' },
    { file: '/m/0-1/memory.limit_in_bytes', value: '134217728' },
    { file: '/m/0-1/memory.memsw.limit_in_bytes', value: '134217728' },
    { file: '/c/0-1/cpu.cfs_period_us', value: '20000' },
    { file: '/c/0-1/cpu.cfs_quota_us', value: '10000' },
    { file: '/c/0-1/cpu.shares', value: '1024' },
    { file: '/p/0-1/pids.max', value: '9' },
  ]);
});

test('who has no bound any more has no quota, and weighs what a new group does', () => {
  assert.deepEqual(controlGroupsV1({ cpu: '/c' }).limitWrites('x', { cpu: Infinity }), [
    { file: '/c/x/cpu.cfs_period_us', value: '20000' },
    { file: '/c/x/cpu.cfs_quota_us', value: '-1' },
    { file: '/c/x/cpu.shares', value: '1024' },
  ]);
  assert.deepEqual(controlGroupsV2('/m', ['cpu']).limitWrites('x', { cpu: Infinity }), [
    { file: '/m/x/cpu.max', value: 'max 20000' },
    { file: '/m/x/cpu.weight', value: '100' },
  ]);
});

test('version 1 gives the dying processor time, and lets nobody be born', () => {
  assert.deepEqual(controlGroupsV1({ cpu: '/c', pids: '/p' }).endWrites('0-1'), [
    { file: '/c/0-1/cpu.idle', value: '0' },
    { file: '/p/0-1/pids.max', value: '0' },
    { file: '/c/0-1/cpu.cfs_quota_us', value: '-1' },
  ]);
});

test('one that is greedy counts as idle, and weighs what it did once it is not', () => {
  assert.deepEqual(controlGroupsV1({ cpu: '/c' }).greedWrites('x', true, 2), [{ file: '/c/x/cpu.idle', value: '1' }]);
  assert.deepEqual(controlGroupsV1({ cpu: '/c' }).greedWrites('x', false, 2), [
    { file: '/c/x/cpu.idle', value: '0' },
    { file: '/c/x/cpu.shares', value: '2048' },
  ]);
  assert.deepEqual(controlGroupsV1({ memory: '/m' }).greedWrites('x', true, 2), []);
  assert.deepEqual(controlGroupsV2('/g', ['cpu']).greedWrites('x', false, 0.5), [
    { file: '/g/x/cpu.idle', value: '0' },
    { file: '/g/x/cpu.weight', value: '100' },
  ]);
});

test('version 1 works with the controllers that there are', () => {
  const layout = controlGroupsV1({ pids: '/p' });
  assert.deepEqual(layout.missing, ['memory', 'cpu']);
  assert.deepEqual(layout.limitWrites('x', { memoryMb: 128, cpu: 1, processes: 9 }), [
    { file: '/p/x/pids.max', value: '9' },
  ]);
  assert.equal(
    layout.memoryBytesMax('x', () => '1'),
    undefined,
  );
});

test('a share of CPU below what the kernel takes becomes the smallest that it takes', () => {
  const writes = controlGroupsV1({ cpu: '/c' }).limitWrites('x', { cpu: 0.001 });
  assert.deepEqual(
    writes.map(({ value }) => value),
    ['20000', '1000', '1024'],
  );
});

test('version 2: a group in a folder, limited, measured and removed', (t) => {
  const parent = temporaryFolder(t);
  const layout = controlGroupsV2(parent, ['cpu', 'memory', 'pids']);
  const files = ['memory.max', 'memory.swap.max', 'memory.oom.group', 'cpu.max', 'cpu.weight', 'pids.max'];
  const group = new ControlGroup(layout, 'u-0', {});
  for (const file of files) writeFileSync(join(parent, 'u-0', file), '');
  assert.deepEqual(group.entrances, [join(parent, 'u-0', 'cgroup.procs')]);
  group.limit({ memoryMb: 256, cpu: 2, processes: 1024 });
  assert.deepEqual(
    files.map((file) => readFileSync(join(parent, 'u-0', file), 'utf8')),
    ['268435456', '0', '1', '40000 20000', '200', '1024'],
  );

  assert.deepEqual(group.usage(), { memoryBytesMax: undefined, cpuMs: undefined });
  assert.equal(group.outOfMemory(), false);
  writeFileSync(join(parent, 'u-0', 'memory.current'), '1000\n');
  writeFileSync(join(parent, 'u-0', 'cpu.stat'), 'usage_usec 2500\nuser_usec 2000\nsystem_usec 500\n');
  writeFileSync(join(parent, 'u-0', 'memory.events'), 'low 0\nhigh 0\nmax 7\noom 1\noom_kill 0\noom_group_kill 0\n');
  assert.deepEqual(group.usage(), { memoryBytesMax: 1000, cpuMs: 2.5 });
  assert.equal(group.outOfMemory(), false);
  writeFileSync(join(parent, 'u-0', 'memory.peak'), '2000\n');
  writeFileSync(join(parent, 'u-0', 'memory.events'), 'oom 1\noom_kill 2\n');
  assert.deepEqual(group.usage(), { memoryBytesMax: 2000, cpuMs: 2.5 });
  assert.equal(group.outOfMemory(), true);

  for (const file of ['pids.max', 'cpu.max']) writeFileSync(join(parent, 'u-0', file), '');
  group.kill();
  assert.equal(readFileSync(join(parent, 'u-0', 'pids.max'), 'utf8'), '0');
  assert.equal(readFileSync(join(parent, 'u-0', 'cpu.max'), 'utf8'), 'max 20000');

  // Only a real control group's folder can be removed with its files in it.
  assert.equal(group.remove(), false);
  rmSync(join(parent, 'u-0'), { recursive: true });
  assert.equal(group.remove(), true);
});

test('an optional file of the kernel’s that is not there is passed over', (t) => {
  const group = new ControlGroup(controlGroupsV2(temporaryFolder(t), ['memory']), 'x', { memoryMb: 128 });
  group.limit({ memoryMb: 256 });
});

test('sweeping removes the groups of one platform and no other', (t) => {
  const parent = temporaryFolder(t);
  const layout = controlGroupsV2(parent, ['memory']);
  for (const name of ['1-0', '1-1', '11-0']) mkdirSync(join(parent, name));
  assert.deepEqual(
    sweepGroups(layout, (name) => name.startsWith('1-')),
    [],
  );
  assert.deepEqual(
    sweepGroups(layout, () => true),
    [],
  );
  assert.equal(layout.parents[0], parent);
});

test('what a platform that is gone has left empty is removed, and nothing that is in use or new', (t) => {
  const parent = temporaryFolder(t);
  for (const name of ['gone-1', 'new-1']) mkdirSync(join(parent, name));
  // A file stands for a process: the folder cannot be removed.
  fill(join(parent, 'used-1'), { process: '' });
  const hourAgo = Date.now() / 1_000 - 3_600;
  for (const name of ['gone-1', 'used-1']) utimesSync(join(parent, name), hourAgo, hourAgo);
  sweepAbandonedGroups(controlGroupsV2(parent, ['memory']), Date.now());
  assert.deepEqual(readdirSync(parent).toSorted(), ['new-1', 'used-1']);
});

test('mounts of control groups are read from mountinfo', () => {
  const text = [
    mountLine('/proc', 'proc', ''),
    mountLine('/sys/fs/cgroup', 'cgroup2', 'nsdelegate'),
    mountLine('/cg/cpu,cpuacct', 'cgroup', 'cpu,cpuacct'),
    '',
  ].join('\n');
  const mountedWith = ['rw', 'relatime'];
  assert.deepEqual(controlGroupMounts(text), [
    { version: 2, folder: '/sys/fs/cgroup', options: ['rw', 'nsdelegate'], mountedWith },
    { version: 1, folder: '/cg/cpu,cpuacct', options: ['rw', 'cpu', 'cpuacct'], mountedWith },
  ]);
});

test('version 2 is used when its tree has the memory controller: at the root', (t) => {
  const { processFolder, tree } = fakeMachine(t, '0::/system.slice/mayfly.service\n');
  fill(tree, { 'cgroup.controllers': 'cpuset cpu io memory pids', 'cgroup.subtree_control': 'cpu memory pids' });
  fill(join(tree, 'mayfly'), { 'cgroup.controllers': 'cpu memory pids', 'cgroup.subtree_control': '' });
  const found = findControlGroups(processFolder);
  assert('layout' in found);
  assert.equal(found.layout.version, 2);
  assert.deepEqual(found.layout.parents, [join(tree, 'mayfly')]);
  // A plain file keeps the last write on top of the others; the kernel would have all three.
  assert.match(readFileSync(join(tree, 'mayfly', 'cgroup.subtree_control'), 'utf8'), /^\+pids/);
});

test('version 2 in a container: our own group is the base, and what is missing there is told', (t) => {
  const { processFolder, tree } = fakeMachine(t, '0::/unit\n');
  fill(tree, { 'cgroup.controllers': 'cpu memory pids', 'cgroup.type': 'domain' });
  fill(join(tree, 'unit'), { 'cgroup.controllers': 'memory pids', 'cgroup.subtree_control': 'memory pids' });
  fill(join(tree, 'unit', 'mayfly'), { 'cgroup.controllers': 'memory pids', 'cgroup.subtree_control': 'memory pids' });
  const found = findControlGroups(processFolder);
  assert('layout' in found);
  assert.deepEqual(found.layout.parents, [join(tree, 'unit', 'mayfly')]);
  assert.deepEqual(found.layout.missing, ['cpu']);
});

test('version 2 for a platform that an earlier one’s move has put into the child', (t) => {
  const { processFolder, tree } = fakeMachine(t, '0::/unit/mayfly-platform\n');
  fill(tree, { 'cgroup.controllers': 'memory pids', 'cgroup.type': 'domain' });
  fill(join(tree, 'unit'), { 'cgroup.controllers': 'memory', 'cgroup.subtree_control': 'memory' });
  fill(join(tree, 'unit', 'mayfly'), { 'cgroup.controllers': 'memory', 'cgroup.subtree_control': 'memory' });
  const found = findControlGroups(processFolder);
  assert('layout' in found);
  assert.deepEqual(found.layout.parents, [join(tree, 'unit', 'mayfly')]);
});

test('version 1 is used when version 2 has no controllers', (t) => {
  const { processFolder, tree, folder } = fakeMachine(t, '4:memory:/\n0::/\n', 'memory');
  fill(tree, { 'cgroup.controllers': '' });
  const found = findControlGroups(processFolder);
  assert('layout' in found);
  assert.equal(found.layout.version, 1);
  assert.deepEqual(found.layout.parents, [join(folder, 'memory', 'mayfly')]);
  assert.deepEqual(found.layout.missing, ['cpu', 'pids']);
});

test('no control groups at all are told as such', (t) => {
  const { processFolder } = fakeMachine(t, '0::/\n');
  assert.deepEqual(findControlGroups(processFolder), {
    why: 'no control group file system with the memory or pids controller is mounted',
  });
});

function fakeMachine(
  t: TestContext,
  cgroup: string,
  ...versionOne: string[]
): { processFolder: string; tree: string; folder: string } {
  const folder = temporaryFolder(t);
  const tree = join(folder, 'unified');
  const lines = [
    mountLine(tree, 'cgroup2', 'nsdelegate'),
    ...versionOne.map((controller) => mountLine(join(folder, controller), 'cgroup', controller)),
  ];
  fill(join(folder, 'proc'), { mountinfo: `${lines.join('\n')}\n`, cgroup });
  return { processFolder: join(folder, 'proc'), tree, folder };
}

function fill(folder: string, files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-groups-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
