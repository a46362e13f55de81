import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** As long as Lambda's own limit, and some: what is beyond is refused where they register. */
const namesMax = 32;

/** The programs in `extensions/` of a function's merged layers, in the order in which they are started. */
export async function externalExtensions(layersPath: string): Promise<string[]> {
  try {
    const entries = await readdir(join(layersPath, 'extensions'), { withFileTypes: true });
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
