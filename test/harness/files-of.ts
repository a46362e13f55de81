import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type FileOfPlatform = { path: string; bytes: Buffer };

/**
 * Every file below a platform's data folder, by its path there, while that runs: what it wrote for the moment may have gone
 * when it is looked at. Kept releases of runtimes are left out: programs of 100 MB, and no function's.
 */
export async function* filesOf(data: string, below = ''): AsyncGenerator<FileOfPlatform> {
  const entries = (await readdir(join(data, below), { withFileTypes: true }).catch(unlessGone)) ?? [];
  for (const entry of entries) {
    const path = join(below, entry.name);
    if (path === 'runtimes') continue;
    if (entry.isDirectory()) yield* filesOf(data, path);
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(data, path)).catch(unlessGone);
    if (bytes !== undefined) yield { path, bytes };
  }
}

function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
