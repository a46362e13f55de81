/** The JSON Schema beside a project, where the first line of its manifest points editors to: no network, no path of ours. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { manifestJsonSchemaText } from './json-schema.ts';
import type { LoadedProject } from './load-project.ts';
import { ownFolder } from './own-folder.ts';

const schemaName = 'mayfly.schema.json';
const schemaPath = `.mayfly/${schemaName}`;

/** https://github.com/redhat-developer/yaml-language-server#using-inlined-schema */
export const schemaLine = `# yaml-language-server: $schema=${schemaPath}`;

export function writeSchemaFile(folder: string): void {
  writeFileSync(join(ownFolder(folder), schemaName), manifestJsonSchemaText());
}

/** Written again when it is absent (a fresh clone) or of another version; only if the manifest speaks of it. */
export function refreshSchemaFile({ folder, file, detected }: LoadedProject): void {
  if (detected !== undefined) return;
  const isSpokenOf = readOrUndefined(join(folder, basename(file)))?.includes(schemaPath) ?? false;
  if (isSpokenOf && readOrUndefined(join(folder, schemaPath)) !== manifestJsonSchemaText()) writeSchemaFile(folder);
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
