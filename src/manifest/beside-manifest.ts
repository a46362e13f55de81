import { dirname, join, relative } from 'node:path';

/** A file of the project as complaints name it: in the same manner as the manifest. `path`: absolute. */
export function besideManifest(project: { folder: string; file: string }, path: string): string {
  return join(dirname(project.file), relative(project.folder, path));
}
