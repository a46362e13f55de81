/** What root needs before it can give environments a user, a network and mounts of their own; and sweeping what a crash left. */
import { readFileSync } from 'node:fs';
import { PlatformError } from '../../../util/errors.ts';
import { isCode, sweepGroups, type ControlGroupLayout } from './control-groups.ts';
import { eventually } from './eventually.ts';
import { holdName } from './hold-name.ts';
import { claimInstance, environmentsMax, instancesMax, type Instance } from './instance.ts';
import type { Libc } from './libc.ts';
import { sweepNetwork, type NetworkTools } from './network-namespaces.ts';
import { privilegedGround, type PrivilegedGround } from './privileged-ground.ts';
import type { RootEntry } from './root-file-system.ts';
import { findProgram } from './tools.ts';

const instancesFolder = '/run/mayfly';
/** Tries, at most 50 ms apart, at ending what a crashed platform has left. */
const sweepAttemptsMax = 100;

export type Privilege = { ground: PrivilegedGround; instance: Instance; firstUserId: number };

export type PrivilegeOptions = {
  libc: Libc;
  uidBase: number;
  entries: readonly RootEntry[];
  layout: ControlGroupLayout | undefined;
  tools: NetworkTools | undefined;
};

/** `why`: the platform has to do without. */
export async function claimPrivilege({
  libc,
  uidBase,
  entries,
  layout,
  tools,
}: PrivilegeOptions): Promise<Privilege | { why: string }> {
  if (process.getuid?.() !== 0) return { why: 'the platform does not run as root' };
  const nsenter = findProgram('nsenter');
  if (nsenter === undefined) return { why: 'the program nsenter (package util-linux) is not installed' };
  const usersMax = environmentsMax * instancesMax;
  if (
    !['/proc/self/uid_map', '/proc/self/gid_map'].every((file) =>
      areMapped(readFileSync(file, 'utf8'), uidBase, usersMax),
    )
  ) {
    return { why: `in this container there are no users ${uidBase} to ${uidBase + usersMax - 1}` };
  }
  let instance: Instance | undefined;
  try {
    instance = await claimInstance({
      libc,
      folder: instancesFolder,
      holdName,
      async sweep({ number, groupPrefix, folder }) {
        await sweepControlGroups(layout, groupPrefix);
        detachIfMounted(libc, folder);
        if (tools !== undefined) await sweepNetwork(tools, number);
      },
    });
    // Also after one that has closed in good order: groups whose processes would not end in time are left to the next.
    await sweepControlGroups(layout, instance.groupPrefix);
    const firstUserId = uidBase + instance.number * environmentsMax;
    return { ground: privilegedGround({ libc, instance, entries, nsenter, firstUserId }), instance, firstUserId };
  } catch (error) {
    if (instance !== undefined) {
      detachIfMounted(libc, instance.folder);
      instance.release();
    }
    // A root that may not mount, as in most containers; anything else is no reason to do with less.
    if (isRefusal(error)) return { why: `root may not do all here: ${error.message}` };
    throw error;
  }
}

function isRefusal(error: unknown): error is Error {
  return ['EPERM', 'EACCES', 'EROFS'].some((code) => hasCode(error, code));
}

/** Of Node's errors and of libc.ts's. */
function hasCode(error: unknown, code: string): boolean {
  return isCode(error, code) || (error instanceof PlatformError && error.reason === code);
}

/** Ends every process that a platform with this prefix has left, and removes its groups. */
export async function sweepControlGroups(layout: ControlGroupLayout | undefined, prefix: string): Promise<void> {
  if (layout === undefined) return;
  const left = (): string[] => sweepGroups(layout, (name) => name.startsWith(prefix));
  if (await eventually(() => left().length === 0, sweepAttemptsMax)) return;
  throw new PlatformError(
    'unavailable',
    `processes of an earlier platform do not end, in the control groups ${left().join(', ')}`,
  );
}

/** Whether a user namespace has all these ids; lines of the map are `inside outside count`. man 7 user_namespaces */
export function areMapped(map: string, first: number, count: number): boolean {
  return map.split('\n').some((line) => {
    const [inside = 0, , length = 0] = line.trim().split(/\s+/).map(Number);
    return first >= inside && first + count <= inside + length;
  });
}

function detachIfMounted(libc: Libc, folder: string): void {
  try {
    libc.detach(folder);
  } catch (error) {
    // No mount, no folder, or no right to have made a mount.
    if (!['EINVAL', 'ENOENT', 'EPERM'].some((code) => hasCode(error, code))) throw error;
  }
}
