/**
 * What environments show at /opt: the layers of a function in one folder, made once for each distinct list of them. Later
 * layers lie over earlier ones, as if each had been unzipped over those before it. Files are hard links to those of the
 * unpacked layers, so a merge costs no space. Made anew where missing, as unpacked bundles are.
 */
import { createHash } from 'node:crypto';
import { link, lstat, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../util/clock.ts';
import type { BundleHash, Ids } from '../util/ids.ts';
import { createInTurn } from '../util/in-turn.ts';
import { unwantedMs } from './bundles.ts';
import type { LayerUse } from './function.ts';
import { LastWanted } from './last-wanted.ts';

export interface MergedLayers {
  /** Folder with the content of all of them; undefined: there are none. */
  pathOf(layers: readonly LayerUse[]): string | undefined;
  /** Makes sure that it is there. Each layer's bundle must lie unpacked. */
  ensure(layers: readonly LayerUse[]): Promise<void>;
  /** Removes those whose path is not used, and has not been asked for in the last ten minutes; how many. */
  collect(isUsed: (path: string) => boolean): Promise<number>;
}

const namePrefix = 'layers-';

type Options = {
  /** Where bundles lie unpacked: on the same file system, and shown to environments together with them. */
  folder: string;
  pathOf: (bundle: BundleHash) => string;
  clock: Clock;
  ids: Ids;
};

/** Those of an earlier time are in the folder. */
export async function openMergedLayers({ folder, pathOf, clock, ids }: Options): Promise<MergedLayers> {
  const inTurn = createInTurn();
  const made = new Set<string>();
  const lastWanted = new LastWanted<string>(unwantedMs);
  for (const name of await readdir(folder))
    if (name.startsWith(namePrefix)) lastWanted.wanted(join(folder, name), clock.monotonicMs());

  const mergedPath = (layers: readonly LayerUse[]): string => {
    const hash = createHash('sha256');
    for (const { bundle } of layers) hash.update(`${bundle}\n`);
    return join(folder, `${namePrefix}${hash.digest('hex')}`);
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

  async function remove(path: string, isUsed: (path: string) => boolean): Promise<void> {
    // Somebody may have asked for it while others went.
    if (!lastWanted.unwanted(isUsed, clock.monotonicMs()).includes(path)) return;
    lastWanted.forget(path);
    made.delete(path);
    const going = join(folder, `.${ids.hex(8)}`);
    await rename(path, going).catch(() => undefined);
    await rm(going, { recursive: true, force: true });
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
      lastWanted.wanted(path, clock.monotonicMs());
      await inTurn(path, () => make(layers, path));
    },
    async collect(isUsed) {
      const unwanted = lastWanted.unwanted(isUsed, clock.monotonicMs());
      for (const path of unwanted) await inTurn(path, () => remove(path, isUsed));
      return unwanted.length;
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
