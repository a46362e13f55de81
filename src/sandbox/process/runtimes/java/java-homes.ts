/** The Java virtual machines of this machine, where distributions put them. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

export type JavaHome = {
  /** Without links: it is the same inside, where /usr/lib is shown as it is. */
  folder: string;
  /** `17.0.15`. */
  version: string;
  major: number;
  /** It brings `javac`. */
  compiles: boolean;
};

const place = '/usr/lib/jvm';

/** By major version, lowest first. */
export async function javaHomes(): Promise<JavaHome[]> {
  const names = await readdir(place).catch(() => []);
  // A link that leads nowhere has no files in it either.
  const folders = await Promise.all(names.map((name) => realpath(join(place, name)).catch(() => join(place, name))));
  const found = await Promise.all([...new Set(folders)].map(javaHome));
  return found.filter((home) => home !== undefined).toSorted((a, b) => a.major - b.major);
}

/** Of the `release` file that comes with each. `1.8.0_402` is 8. */
async function javaHome(folder: string): Promise<JavaHome | undefined> {
  if (!folder.startsWith('/usr/') || !(await isFile(join(folder, 'bin/java')))) return undefined;
  const release = await readFile(join(folder, 'release'), 'utf8').catch(() => '');
  const [, version] = /^JAVA_VERSION="([^"]+)"/m.exec(release) ?? [];
  const [, major] = /^(?:1\.)?(\d+)/.exec(version ?? '') ?? [];
  if (version === undefined || major === undefined) return undefined;
  return { folder, version, major: Number(major), compiles: await isFile(join(folder, 'bin/javac')) };
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
