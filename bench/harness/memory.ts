/** What processes have of the machine's memory. */
import { readdirSync, readFileSync } from 'node:fs';

const text = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
};

const kilobytes = (from: string, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(from)?.[1] ?? 0);

/** `pss`: its own pages and its share of those that it has in common with others. man 5 proc_pid_smaps_rollup */
export function memoryOf(pid: number): { pssMb: number; residentMb: number } {
  const rollup = text(`/proc/${pid}/smaps_rollup`);
  return { pssMb: kilobytes(rollup, 'Pss') / 1024, residentMb: kilobytes(rollup, 'Rss') / 1024 };
}

/** What the machine would still give to a program that asked. */
export const availableMb = (): number => kilobytes(text('/proc/meminfo'), 'MemAvailable') / 1024;

/** Memory that the kernel itself has: page tables, network namespaces, control groups, mounts. */
export function kernelMb(): number {
  const memory = text('/proc/meminfo');
  const fields = ['Slab', 'PageTables', 'KernelStack', 'Percpu'] as const;
  return fields.reduce((sum, field) => sum + kilobytes(memory, field), 0) / 1024;
}

/** Processes of whatever depth below one. */
export function descendants(pid: number): { pid: number; command: string; depth: number }[] {
  const children = new Map<number, { pid: number; command: string }[]>();
  for (const name of readdirSync('/proc')) {
    const [, command = '', parent = ''] =
      /^\d+ \((.*)\) \S (\d+)/s.exec(/^\d+$/.test(name) ? text(`/proc/${name}/stat`) : '') ?? [];
    const siblings = children.get(Number(parent));
    if (siblings === undefined) children.set(Number(parent), [{ pid: Number(name), command }]);
    else siblings.push({ pid: Number(name), command });
  }
  const found: { pid: number; command: string; depth: number }[] = [];
  const add = (parent: number, depth: number): void => {
    for (const child of children.get(parent) ?? []) {
      found.push({ ...child, depth });
      add(child.pid, depth + 1);
    }
  };
  add(pid, 1);
  return found;
}

/** User and system time of one process, in ms. man 5 proc_pid_stat */
export function cpuMsOf(pid: number): number {
  const stat = text(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticksPerSecond = 100;
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
}
