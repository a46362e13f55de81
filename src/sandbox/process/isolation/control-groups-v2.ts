/** Version 2: one tree; a controller works where the parent's cgroup.subtree_control names it. https://docs.kernel.org/admin-guide/cgroup-v2.html */
import { join } from 'node:path';
import { controllers, cpuPeriodUs, cpuQuotaUsMin, field, standing, type ControlGroupLayout } from './control-groups.ts';

/** `parent`: the folder that holds our groups, and `enabled`, the controllers that its children have. */
export function controlGroupsV2(parent: string, enabled: readonly string[]): ControlGroupLayout {
  const fileOf = (name: string, file: string): string => join(parent, name, file);
  const weight = (name: string, cpu: number) => ({
    file: fileOf(name, 'cpu.weight'),
    value: String(Math.min(10_000, Math.round(standing(cpu) * 100))),
  });
  return {
    version: 2,
    missing: controllers.filter((controller) => !enabled.includes(controller)),
    parents: [parent],
    folders: (name) => [join(parent, name)],
    limitWrites(name, { memoryMb, cpu, processes }) {
      const writes: { file: string; value: string }[] = [];
      if (memoryMb !== undefined) {
        writes.push(
          { file: fileOf(name, 'memory.max'), value: String(memoryMb * 1024 * 1024) },
          { file: fileOf(name, 'memory.swap.max'), value: '0' },
          { file: fileOf(name, 'memory.oom.group'), value: '1' },
        );
      }
      if (cpu !== undefined) {
        const quota = cpu === Infinity ? 'max' : Math.max(cpuQuotaUsMin, Math.round(cpu * cpuPeriodUs));
        writes.push({ file: fileOf(name, 'cpu.max'), value: `${quota} ${cpuPeriodUs}` }, weight(name, cpu));
      }
      if (processes !== undefined) writes.push({ file: fileOf(name, 'pids.max'), value: String(processes) });
      return writes;
    },
    greedWrites(name, isGreedy, cpu) {
      const idle = { file: fileOf(name, 'cpu.idle'), value: isGreedy ? '1' : '0' };
      // What one weighs is lost when it is made one that does not count.
      return isGreedy ? [idle] : [idle, weight(name, cpu)];
    },
    endWrites: (name) => [
      { file: fileOf(name, 'cpu.idle'), value: '0' },
      { file: fileOf(name, 'pids.max'), value: '0' },
      { file: fileOf(name, 'cpu.max'), value: `max ${cpuPeriodUs}` },
    ],
    freezeFile: (name) => fileOf(name, 'cgroup.freeze'),
    memoryBytes(name, read) {
      const stat = read(fileOf(name, 'memory.stat'));
      const anonymous = field(stat, 'anon');
      if (anonymous === undefined) return undefined;
      return anonymous + (field(stat, 'shmem') ?? 0) + (field(stat, 'kernel') ?? field(stat, 'slab') ?? 0);
    },
    memoryBytesMax(name, read) {
      // memory.peak came with Linux 5.19; before it, what is used at the time of asking is the best there is.
      const text = read(fileOf(name, 'memory.peak')) ?? read(fileOf(name, 'memory.current'));
      return text === undefined ? undefined : Number(text);
    },
    cpuMs(name, read) {
      const microseconds = field(read(fileOf(name, 'cpu.stat')), 'usage_usec');
      return microseconds === undefined ? undefined : microseconds / 1000;
    },
    outOfMemoryKills: (name, read) => field(read(fileOf(name, 'memory.events')), 'oom_kill') ?? 0,
  };
}
