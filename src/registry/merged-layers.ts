/**
 * What environments show at /opt: the layers of a function in one folder, made once for each distinct list of them. Later
 * layers lie over earlier ones, as if each had been unzipped over those before it. Files are hard links to those of the
 * unpacked layers, so a merge costs no space. Made anew where missing, as unpacked bundles are.
 */
import { createHash } from 'node:crypto';
import { link, lstat, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleHash, Ids } from '../util/ids.ts';
import { createInTurn } from '../util/in-turn.ts';
import type { LayerUse } from './function.ts';

export interface MergedLayers {
  /** Folder with the content of all of them; undefined: there are none. */
  pathOf(layers: readonly LayerUse[]): string | undefined;
  /** Makes sure that it is there. Each layer's bundle must lie unpacked. */
  ensure(layers: readonly LayerUse[]): Promise<void>;
}

type Options = {
  /** Where bundles lie unpacked: on the same file system, and shown to environments together with them. */
  folder: string;
  pathOf: (bundle: BundleHash) => string;
  ids: Ids;
};

export function createMergedLayers({ folder, pathOf, ids }: Options): MergedLayers {
  const inTurn = createInTurn();
  const made = new Set<string>();

  const mergedPath = (layers: readonly LayerUse[]): string => {
    const hash = createHash('sha256');
    for (const { bundle } of layers) hash.update(`${bundle}\n`);
    return join(folder, `layers-${hash.digest('hex')}`);
  };

  async function make(layers: readonly LayerUse[], path: string): Promise<void> {
    if (made.has(path)) return;
    if (!(await exists(path))) {
      // What begins with a dot is removed at the next start: at its place there is all of it or nothing.
      const unfinished = join(folder, `.${ids.hex(8)}`);
      try {
        await mkdir(unfinished, { mode: 0o755 });
        for (const { bundle } of layers) await lay(pathOf(bundle), unfinished);
        await rename(unfinished, path);
      } finally {
        await rm(unfinished, { recursive: true, force: true });
      }
    }
    made.add(path);
  }

  return {
    pathOf(layers) {
      const [only, ...others] = layers;
      if (only === undefined) return undefined;
      return others.length === 0 ? pathOf(only.bundle) : mergedPath(layers);
    },
    async ensure(layers) {
      if (layers.length < 2) return;
      const path = mergedPath(layers);
      await inTurn(path, () => make(layers, path));
    },
  };
}

/** Puts everything of `from` over what is in `to`. Folders are joined; of anything else the later one stays. */
async function lay(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    const present = await lstat(target).catch(() => undefined);
    const joins = entry.isDirectory() && present?.isDirectory() === true;
    if (present !== undefined && !joins) await rm(target, { recursive: true });
    if (entry.isDirectory()) {
      if (!joins) await mkdir(target, { mode: 0o755 });
      await lay(source, target);
    } else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await link(source, target);
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
