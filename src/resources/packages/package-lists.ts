/** Lists of packages of bundles and layers, made once: what lies in a folder that is named by its content does not change. */
import { listPackages } from './list-packages.ts';
import { distinct, type Package } from './package.ts';

/** Folders whose lists are kept; one has a few hundred packages, of 100 bytes. */
const listsMax = 500;

export type PackageLists = (folders: readonly string[]) => Promise<Package[]>;

export function createPackageLists(): PackageLists {
  const lists = new Map<string, Promise<Package[]>>();

  function listOf(folder: string): Promise<Package[]> {
    const known = lists.get(folder);
    if (known !== undefined) return known;
    const [oldest] = lists.keys();
    if (lists.size >= listsMax && oldest !== undefined) lists.delete(oldest);
    const list = listPackages(folder);
    lists.set(folder, list);
    // One that is being unpacked is looked at another time.
    list.catch(() => lists.delete(folder));
    return list;
  }

  return async (folders) => distinct((await Promise.all(folders.map(listOf))).flat());
}
