/** Writes docs/reference/mayfly.schema.json from the definition in src/manifest/. `--check`: only says whether it is fresh. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestJsonSchemaText } from '../src/manifest/json-schema.ts';

const name = 'docs/reference/mayfly.schema.json';
const path = join(import.meta.dirname, '..', name);
const text = manifestJsonSchemaText();

if (process.argv.includes('--check')) {
  if (readOrEmpty(path) !== text) {
    console.error(`${name} is not what src/manifest/ says now: run bin/node scripts/generate-manifest-schema.ts`);
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, text);
  console.log(`wrote ${name}`);
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
