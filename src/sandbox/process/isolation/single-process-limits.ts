/**
 * What the kernel offers where there are no control groups: limits on the data of each process, and on how many
 * processes the user has, counted for each user namespace and thus for each environment.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { isCode, type Limits } from './control-groups.ts';
import type { Libc } from './libc.ts';

const mib = 1024 * 1024;
/** Until more is known: the largest memory a function can have, and Lambda's number of processes. */
const bootLimits = { memoryMb: 10_240, processes: 1_024 } as const;
/** What a runtime has in data that it never touches, such as the stacks of its threads: 8 MB for each. */
const untouchedMb = 1_024;

const dataBytes = (memoryMb: number): number => (memoryMb + untouchedMb) * mib;

/**
 * Comes before the command inside: there the count of processes starts anew. RLIMIT_AS would be no use, since V8
 * reserves gigabytes of addresses that it never touches. `prlimit` is the program's path.
 */
export function limitedCommand(prlimit: string, command: readonly string[]): string[] {
  return [prlimit, `--data=${dataBytes(bootLimits.memoryMb)}`, `--nproc=${bootLimits.processes}`, '--', ...command];
}

/** Lowers the limits of everything that runs by now in the environment whose bwrap has this process id. */
export function limitProcesses(libc: Libc, bubblewrapPid: number, { memoryMb, processes }: Limits): void {
  for (const pid of descendants(bubblewrapPid)) {
    if (memoryMb !== undefined) libc.limitProcess(pid, 'data', dataBytes(memoryMb));
    if (processes !== undefined) libc.limitProcess(pid, 'processes', processes);
  }
}

function descendants(pid: number): number[] {
  const children = threadsOf(pid).flatMap((thread) => childrenOf(pid, thread));
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function threadsOf(pid: number): string[] {
  return orEmpty(() => readdirSync(`/proc/${pid}/task`));
}

function childrenOf(pid: number, thread: string): number[] {
  return orEmpty(() =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((word) => word !== '')
      .map(Number),
  );
}

/** Nothing of a process that has ended meanwhile. */
function orEmpty<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return [];
    throw error;
  }
}
