import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** As package.json has it. */
export function version(): string {
  const description: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  return typeof description === 'object' && description !== null && 'version' in description
    ? String(description.version)
    : 'unknown';
}
