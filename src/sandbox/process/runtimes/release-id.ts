/** What tells one release of a runtime from another: its version, and every byte of ours around it. */
import { createHash, type Hash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { RuntimeName } from '../../../util/runtime-names.ts';
import type { Installed } from './runtime.ts';

/** Files of ours are read; a larger one is an interpreter, which its version and its size tell apart. */
const readBytesMax = 4 * 1024 * 1024;

/** 64 hex digits. */
export async function releaseId(
  name: RuntimeName,
  { version, from, build, command, mounts }: Installed,
): Promise<string> {
  if (build !== undefined)
    return createHash('sha256')
      .update(JSON.stringify([name, build.identity]))
      .digest('hex');
  const hash = createHash('sha256').update(
    JSON.stringify([name, version, command(undefined), mounts.map(({ to }) => to)]),
  );
  // A distribution mends an interpreter under the same version: its package's time is the file's.
  if (isAbsolute(from)) {
    const { size, mtimeMs } = await stat(from);
    hash.update(`${size} ${mtimeMs}`);
  }
  for (const mount of mounts) await addPath(hash, mount.from);
  return hash.digest('hex');
}

async function addPath(hash: Hash, path: string): Promise<void> {
  const stats = await stat(path);
  if (stats.isDirectory()) {
    for (const name of (await readdir(path)).toSorted()) {
      hash.update(`${name}\0`);
      await addPath(hash, join(path, name));
    }
  } else if (stats.size > readBytesMax) hash.update(`${stats.size}\0`);
  else hash.update(await readFile(path)).update('\0');
}
