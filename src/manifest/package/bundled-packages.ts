/** The packages of which something is in a bundled entry: esbuild leaves nothing of them that would say so. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { distinct, type Package } from '../../resources/packages/package.ts';
import { isObject } from '../../util/field.ts';

/** `inputs`: absolute paths of all that was read. In order, so that the same inputs make the same bundle. */
export function bundledPackages(inputs: readonly string[]): Package[] {
  const folders = new Set(
    inputs.flatMap((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []),
  );
  return distinct([...folders].flatMap(packageAt));
}

function packageAt(folder: string): Package[] {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (!isObject(manifest)) return [];
    const { name, version, license } = manifest;
    if (typeof name !== 'string' || typeof version !== 'string') return [];
    return [{ ecosystem: 'npm', name, version, ...(typeof license === 'string' && { license }) }];
  } catch {
    // Put there by hand: nobody published it.
    return [];
  }
}
