/**
 * Where environments are made: a mount namespace that has only what they need. bwrap copies all mounts there are, and reads and takes apart
 * the list of them for each that it makes, some fifteen times: of a host's hundred that was half of its work.
 */
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PlatformError } from '../../../util/errors.ts';
import type { Children } from './children.ts';
import { toolTimeoutMs, toolVariables } from './run-tool.ts';
import { findProgram } from './tools.ts';

/** It is gone when it is closed, or the platform ends, and nothing runs in it any more. */
export type MountNamespace = {
  /** For `nsenter --mount=`. */
  readonly path: string;
  /** Where what is below the ground's folder is in it. */
  seenFrom(path: string): string;
  close(): void;
};

/**
 * Called with the folder that becomes /. What is mounted on the host later appears here where it is shared, and never the other way.
 * bwrap itself is at its usual path, by which some hosts know what it may do. Ends when its input does.
 */
const script = `set -e
cd "$1"
mount --bind /usr usr
mount --bind /proc proc
pivot_root . old
cd /
umount -l old
echo made
read -r end || true`;

/**
 * `ground`: a mount, with the root of environments in it; `programs`: what of that belongs to programs, `bin`, `lib` and their like.
 * Errors: `unavailable`, with what is not allowed here.
 */
export async function makeMountNamespace(
  children: Children,
  ground: string,
  programs: readonly string[],
): Promise<MountNamespace> {
  const unshare = findProgram('unshare');
  if (unshare === undefined) throw new PlatformError('unavailable', 'the program unshare is not installed');
  for (const name of ['usr', 'proc', 'tmp', 'old']) mkdirSync(join(ground, name));
  for (const name of [...programs, 'dev', 'etc']) symlinkSync(`view/${name}`, join(ground, name));
  const words = [unshare, '--mount', '--propagation', 'slave', '/bin/sh', '-c', script, 'mayfly', ground];
  const maker = children.startProgram(words, toolVariables);
  const timer = setTimeout(() => maker.kill(), toolTimeoutMs);
  try {
    // We may close it before its end is heard, which is nobody's business.
    const complaint = text(maker.stderr).catch(() => '');
    const isMade = await Promise.race([once(maker.stdout, 'data').then(() => true), maker.exited.then(() => false)]);
    if (!isMade)
      throw new PlatformError('unavailable', `no mount namespace could be made: ${(await complaint).trim()}`);
    const fd = openSync(`/proc/${maker.pid}/ns/mnt`, 'r');
    maker.stdin.end();
    await maker.exited;
    return {
      path: `/proc/${process.pid}/fd/${fd}`,
      seenFrom: (path) => (path === ground ? '/' : path.slice(ground.length)),
      close: () => closeSync(fd),
    };
  } finally {
    clearTimeout(timer);
    maker.close();
  }
}
