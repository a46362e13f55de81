/** The few ways in which this folder mounts things. All need the right to mount (root, and a container that lets it). */
import { mountFlags, type Libc } from './libc.ts';

/** A small file system in memory; `mode` is that of its top folder. */
export function mountTemporary(
  libc: Libc,
  target: string,
  { bytesMax, mode }: { bytesMax: number; mode: string },
): void {
  const flags = mountFlags.noSetuid | mountFlags.noDevices;
  libc.mount({ source: 'mayfly', target, type: 'tmpfs', flags, options: `size=${bytesMax},mode=${mode}` });
  libc.mount({ target, flags: mountFlags.private });
}

/** What is mounted below `target` from now on appears in every mount namespace that has a copy of `target`. */
export function share(libc: Libc, target: string): void {
  libc.mount({ target, flags: mountFlags.shared });
}

/** Shows `source` at `target`. When `source` is under a read-only mount, so is the copy. */
export function bind(libc: Libc, source: string, target: string): void {
  libc.mount({ source, target, flags: mountFlags.bind });
}

/**
 * Shows `source` at `target`, read-only, without set-user-id programs or devices. It is writable for an instant,
 * so `target` must be in a folder that is not shared.
 */
export function bindReadOnly(libc: Pick<Libc, 'mount'>, source: string, target: string): void {
  libc.mount({ source, target, flags: mountFlags.bind });
  libc.mount({ target, flags: mountFlags.private });
  const restricted = mountFlags.readOnly | mountFlags.noSetuid | mountFlags.noDevices;
  libc.mount({ target, flags: mountFlags.remount | mountFlags.bind | restricted });
}

/** Shows a device of the host at `target`: it can be read and written to, and nothing about it be changed. */
export function bindDevice(libc: Libc, source: string, target: string): void {
  libc.mount({ source, target, flags: mountFlags.bind });
  libc.mount({ target, flags: mountFlags.private });
  const restricted = mountFlags.readOnly | mountFlags.noSetuid | mountFlags.noPrograms;
  libc.mount({ target, flags: mountFlags.remount | mountFlags.bind | restricted });
}

/**
 * What bindReadOnly does, where `target` is in a folder that is shared: it appears read-only everywhere at once. `aside`: an empty file or folder
 * like it, in one that is not.
 */
export function bindReadOnlyShared(
  libc: Pick<Libc, 'mount' | 'detach'>,
  source: string,
  target: string,
  aside: string,
): void {
  bindReadOnly(libc, source, aside);
  libc.mount({ source: aside, target, flags: mountFlags.bind });
  // What is bound from it is no relative of it.
  libc.mount({ target, flags: mountFlags.private });
  libc.detach(aside);
}
