/**
 * Has the kernel let processes into control groups at once. Since Linux 6.0 it waits for each until every processor has passed a
 * quiet moment, 9 ms at the median on two busy cores and 10 to 50 now and then, and whoever makes, removes or freezes a group
 * meanwhile waits, too: the event loop, while a launcher enters its groups. `favordynmods` takes the time from all starts and
 * ends of processes instead, as every kernel before did. https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { controlGroupMounts, type ControlGroupMount } from './find-control-groups.ts';
import { mountFlags, type Libc } from './libc.ts';
import { messageOf } from '../../../util/errors.ts';

const option = 'favordynmods';
/** Linux 6.0 waits, and knows the option. */
const waitsSince = 6;
/** By the names in mountinfo: how it is mounted has to be said again, or would be changed. */
const flagOf: Readonly<Record<string, number>> = {
  nosuid: mountFlags.noSetuid,
  nodev: mountFlags.noDevices,
  noexec: mountFlags.noPrograms,
  nosymfollow: mountFlags.noSymlinks,
  noatime: mountFlags.noAccessTimes,
  nodiratime: mountFlags.noFolderAccessTimes,
  relatime: mountFlags.relativeAccessTimes,
};

/** Of the machine as it is; others in tests. */
export type Kernel = { release: string; mountinfoFile: string };
const kernelHere: Kernel = { release: release(), mountinfoFile: '/proc/self/mountinfo' };

/** Why processes wait when they enter a group, as far as can be seen without a change; undefined: they do not. */
export function whySlowMoves(kernel = kernelHere): string | undefined {
  const found = unlessQuick(kernel);
  if (found === undefined || 'why' in found) return found?.why;
  return `${option} is not set, which mayfly serve does for the whole machine where it may, unless it has --keep-cgroup-mounts`;
}

/**
 * Of the whole machine, also for groups of version 1, and until its next start: the kernel does not go back entirely. Undefined: they are
 * quick; else why not. It takes the real root, and a machine on which the tree of version 2 is mounted.
 */
export function quickenMoves(libc: Pick<Libc, 'mount'>, kernel = kernelHere): string | undefined {
  const found = unlessQuick(kernel);
  if (found === undefined || 'why' in found) return found?.why;
  try {
    libc.mount(withOption(found));
  } catch (error) {
    return messageOf(error);
  }
  // In a container's groups the kernel passes it over without a word.
  return tree(kernel)?.options.includes(option) ? undefined : `the kernel does not take ${option} here`;
}

/** What is to be mounted again, or why it cannot be. Undefined: nothing has to be. */
function unlessQuick(kernel: Kernel): ControlGroupMount | { why: string } | undefined {
  if (Number.parseInt(kernel.release, 10) < waitsSince) return undefined;
  const found = tree(kernel);
  if (found === undefined) return { why: 'version 2 of control groups is not mounted' };
  if (found.options.includes(option)) return undefined;
  return found.mountedWith.includes('ro') ? { why: `${found.folder} is mounted read-only` } : found;
}

const tree = ({ mountinfoFile }: Kernel): ControlGroupMount | undefined =>
  controlGroupMounts(readFileSync(mountinfoFile, 'utf8')).find(({ version }) => version === 2);

function withOption({ folder, mountedWith, options }: ControlGroupMount): Parameters<Libc['mount']>[0] {
  return {
    target: folder,
    flags: mountedWith.reduce<number>((flags, name) => flags | (flagOf[name] ?? 0), mountFlags.remount),
    options: [...options.filter((name) => name !== 'rw'), option].join(','),
  };
}
