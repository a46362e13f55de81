/**
 * Has the kernel let processes into control groups at once. Since Linux 6.0 it waits for each until every processor has passed a
 * quiet moment, 9 ms at the median on two busy cores and 10 to 50 now and then, and whoever makes, removes or freezes a group
 * meanwhile waits, too: the event loop, while a launcher enters its groups. `favordynmods` takes the time from all starts and
 * ends of processes instead, as every kernel before did. https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
import { readFileSync } from 'node:fs';
import { PlatformError } from '../../../util/errors.ts';
import { controlGroupMounts, type ControlGroupMount } from './find-control-groups.ts';
import { mountFlags, type Libc } from './libc.ts';

const option = 'favordynmods';
/** From <sys/mount.h>: how it is mounted has to be said again, or would be changed. */
const flagOf: Readonly<Record<string, number>> = {
  nosuid: mountFlags.noSetuid,
  nodev: mountFlags.noDevices,
  noexec: 8,
  noatime: 1 << 10,
  nodiratime: 1 << 11,
  relatime: 1 << 21,
};

/**
 * Of the whole machine, also for groups of version 1, and until its next start: the kernel does not go back entirely. Undefined: they are
 * quick; else why not. It takes the real root, and a machine on which the tree of version 2 is mounted.
 */
export function quickenMoves(libc: Pick<Libc, 'mount'>, mountinfoFile = '/proc/self/mountinfo'): string | undefined {
  const found = tree(mountinfoFile);
  if (found === undefined) return 'version 2 of control groups is not mounted';
  if (found.options.includes(option)) return undefined;
  if (found.mountedWith.includes('ro')) return `${found.folder} is mounted read-only`;
  try {
    libc.mount(withOption(found));
  } catch (error) {
    // Older kernels know no other way.
    if (error instanceof PlatformError && error.reason === 'EINVAL') return undefined;
    return error instanceof Error ? error.message : String(error);
  }
  // In a container's groups the kernel passes it over without a word.
  return tree(mountinfoFile)?.options.includes(option) ? undefined : `the kernel does not take ${option} here`;
}

const tree = (mountinfoFile: string): ControlGroupMount | undefined =>
  controlGroupMounts(readFileSync(mountinfoFile, 'utf8')).find(({ version }) => version === 2);

function withOption({ folder, mountedWith, options }: ControlGroupMount): Parameters<Libc['mount']>[0] {
  return {
    target: folder,
    flags: mountedWith.reduce<number>((flags, name) => flags | (flagOf[name] ?? 0), mountFlags.remount),
    options: [...options.filter((name) => name !== 'rw'), option].join(','),
  };
}
