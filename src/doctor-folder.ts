/** A folder for what `mayfly doctor` tries, and the end of those of doctors that were killed. */
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from './store/sqlite/folder-lock.ts';
import type { Clock } from './util/clock.ts';

const prefix = 'mayfly-doctor-';
/** Whose folder it is has locked it by then. */
const unlockedMsMax = 60_000;

/** Nobody else's until it is disposed of, which removes it. `parent`: of all temporary files. */
export async function openDoctorFolder(
  clock: Pick<Clock, 'now'>,
  parent = tmpdir(),
): Promise<AsyncDisposable & { path: string }> {
  await sweep(parent, clock.now());
  const path = await mkdtemp(join(parent, prefix));
  const lock = await lockFolder(path);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
      lock[Symbol.dispose]();
    },
  };
}

async function sweep(parent: string, nowMs: number): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(parent, name);
    try {
      const found = await lstat(path);
      if (!found.isDirectory() || found.uid !== process.getuid?.() || nowMs - found.mtimeMs < unlockedMsMax) continue;
      using _lock = await lockFolder(path);
      await rm(path, { recursive: true, force: true });
    } catch {
      // It is somebody's, or gone. What cannot be removed is no reason not to look at this machine.
    }
  }
}
