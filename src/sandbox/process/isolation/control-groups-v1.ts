/**
 * Version 1: one tree for each controller, below /sys/fs/cgroup/<controller>. https://docs.kernel.org/admin-guide/cgroup-v1/
 * Beside it most machines have version 2's tree without controllers (`unified`), whose way of freezing is the one used:
 * what version 1's freezer has stopped cannot be killed, and would outlive a platform that was.
 */
import { join } from 'node:path';
import {
  controllers,
  cpuPeriodUs,
  cpuQuotaUsMin,
  field,
  standing,
  type Controller,
  type ControlGroupLayout,
} from './control-groups.ts';

/** Where each controller is mounted; `cpuacct`, the accounting, is a controller of its own, often in cpu's tree. */
export type Trees = Partial<Record<Controller | 'cpuacct' | 'unified', string>>;

export function controlGroupsV1(trees: Readonly<Trees>): ControlGroupLayout {
  const { memory, cpu, pids, cpuacct, unified } = trees;
  const parents = [...new Set([memory, cpu, pids, cpuacct, unified].filter((tree) => tree !== undefined))];
  const fileOf = (controller: keyof typeof trees, name: string, file: string): string | undefined => {
    const tree = trees[controller];
    return tree === undefined ? undefined : join(tree, name, file);
  };
  const shares = (name: string, cpu: number) => ({
    file: fileOf('cpu', name, 'cpu.shares'),
    value: String(Math.round(standing(cpu) * 1024)),
  });
  return {
    version: 1,
    missing: controllers.filter((controller) => trees[controller] === undefined),
    parents,
    folders: (name) => parents.map((parent) => join(parent, name)),
    limitWrites(name, { memoryMb, cpu, processes }) {
      const writes: { file: string | undefined; value: string }[] = [];
      if (memoryMb !== undefined) {
        // Memory with swap may never be under memory alone: whichever way the limit goes, one of the orders works.
        const value = String(memoryMb * 1024 * 1024);
        const memory = { file: fileOf('memory', name, 'memory.limit_in_bytes'), value };
        const withSwap = { file: fileOf('memory', name, 'memory.memsw.limit_in_bytes'), value };
        writes.push({ ...withSwap, value: '-1' }, memory, withSwap);
      }
      if (cpu !== undefined) {
        const quota = cpu === Infinity ? -1 : Math.max(cpuQuotaUsMin, Math.round(cpu * cpuPeriodUs));
        writes.push(
          { file: fileOf('cpu', name, 'cpu.cfs_period_us'), value: String(cpuPeriodUs) },
          { file: fileOf('cpu', name, 'cpu.cfs_quota_us'), value: String(quota) },
          shares(name, cpu),
        );
      }
      if (processes !== undefined) writes.push({ file: fileOf('pids', name, 'pids.max'), value: String(processes) });
      return present(writes);
    },
    greedWrites(name, isGreedy, cpu) {
      const idle = { file: fileOf('cpu', name, 'cpu.idle'), value: isGreedy ? '1' : '0' };
      // What one weighs is lost when it is made one that does not count.
      return present(isGreedy ? [idle] : [idle, shares(name, cpu)]);
    },
    endWrites(name) {
      return present([
        { file: fileOf('cpu', name, 'cpu.idle'), value: '0' },
        { file: fileOf('pids', name, 'pids.max'), value: '0' },
        { file: fileOf('cpu', name, 'cpu.cfs_quota_us'), value: '-1' },
      ]);
    },
    freezeFile: (name) => fileOf('unified', name, 'cgroup.freeze'),
    memoryBytes(name, read) {
      const stat = readIn(read, fileOf('memory', name, 'memory.stat'));
      const anonymous = field(stat, 'rss');
      if (anonymous === undefined) return undefined;
      const kernel = Number(readIn(read, fileOf('memory', name, 'memory.kmem.usage_in_bytes')) ?? 0);
      return anonymous + (field(stat, 'shmem') ?? 0) + kernel;
    },
    memoryBytesMax(name, read) {
      const text = readIn(read, fileOf('memory', name, 'memory.max_usage_in_bytes'));
      return text === undefined ? undefined : Number(text);
    },
    cpuMs(name, read) {
      const text = readIn(read, fileOf('cpuacct', name, 'cpuacct.usage'));
      return text === undefined ? undefined : Number(text) / 1e6;
    },
    outOfMemoryKills: (name, read) =>
      field(readIn(read, fileOf('memory', name, 'memory.oom_control')), 'oom_kill') ?? 0,
  };
}

/** Those of controllers that there are. */
const present = (writes: readonly { file: string | undefined; value: string }[]): { file: string; value: string }[] =>
  writes.flatMap(({ file, value }) => (file === undefined ? [] : [{ file, value }]));

function readIn(read: (path: string) => string | undefined, path: string | undefined): string | undefined {
  return path === undefined ? undefined : read(path);
}
