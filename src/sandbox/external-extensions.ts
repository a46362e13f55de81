import { readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** As long as Lambda's own limit, and some: what is beyond is refused where they register. */
const namesMax = 32;

/** The programs in `extensions/` of a function's merged layers, in the order in which they are started. */
export async function externalExtensions(layersPath: string): Promise<string[]> {
  try {
    const folder = await realpath(join(layersPath, 'extensions'));
    // Links that stay inside each layer may together lead out of all of them, and we read where the host's files are.
    if (!folder.startsWith((await realpath(layersPath)) + sep)) return [];
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink());
    return files
      .map(({ name }) => name)
      .toSorted()
      .slice(0, namesMax);
  } catch {
    // Most layers have none.
    return [];
  }
}
