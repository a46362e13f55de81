/** The JSON Schema beside a project, where the first line of its manifest points editors to: no network, no path of ours. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifestJsonSchemaText } from './json-schema.ts';
import type { LoadedProject } from './load-project.ts';

const schemaPath = '.mayfly/mayfly.schema.json';

/** https://github.com/redhat-developer/yaml-language-server#using-inlined-schema */
export const schemaLine = `# yaml-language-server: $schema=${schemaPath}`;

/** `.mayfly/` holds caches, data and secrets: it keeps itself out of version control. */
export function writeSchemaFile(folder: string): void {
  const target = join(folder, schemaPath);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, manifestJsonSchemaText());
  writeFileSync(join(dirname(target), '.gitignore'), '*\n');
}

/** Written again when it is absent (a fresh clone) or of another version; only if the manifest speaks of it. */
export function refreshSchemaFile(
  { folder, file, detected }: LoadedProject,
  read: (path: string) => string | undefined = readOrUndefined,
): void {
  if (detected !== undefined || !(read(join(folder, file.replace(/^.*[\\/]/, '')))?.includes(schemaPath) ?? false))
    return;
  if (read(join(folder, schemaPath)) !== manifestJsonSchemaText()) writeSchemaFile(folder);
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
