import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A project's `.mayfly`, made if it is not there: caches, and with `dev` the data and its secrets. So it is its owner's
 * alone, and keeps itself out of version control.
 */
export function ownFolder(projectFolder: string): string {
  const folder = join(projectFolder, '.mayfly');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ignore = join(folder, '.gitignore');
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
  return folder;
}
