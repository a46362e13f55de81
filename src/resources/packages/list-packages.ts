/**
 * The published packages in an unpacked bundle, by what their package managers leave beside them. Files are read and never
 * run; what cannot be read as what it should be is passed over, since it is the function's own.
 */
import { open, opendir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openPromise } from 'yauzl';
import { isObject } from '../../util/field.ts';
import { goModules } from './go-build-info.ts';
import { distinct, isEcosystem, normalName, type Package } from './package.ts';

/** In a bundle whose packages became one file: what they were, as a list of packages in JSON. */
export const bundledPackagesFile = '.mayfly-packages.json';

/** Of a file that says what a package is; the largest have a few hundred kB. */
const metadataBytesMax = 4 * 1024 * 1024;
/** A program larger than this is not looked into. */
const programBytesMax = 250 * 1024 * 1024;
/** Of one jar. */
const jarEntriesMax = 50_000;
const propertiesBytesMax = 64 * 1024;
const licenseCharactersMax = 200;

export async function listPackages(folder: string): Promise<Package[]> {
  const found: Package[] = [];
  for await (const { parentPath, name } of files(folder)) {
    const path = join(parentPath, name);
    try {
      found.push(...(await packagesIn(path, folder)));
    } catch {
      // Not what its name says.
    }
  }
  return distinct(found);
}

async function* files(folder: string): AsyncGenerator<{ parentPath: string; name: string }> {
  for await (const entry of await opendir(folder, { recursive: true })) if (entry.isFile()) yield entry;
}

async function packagesIn(path: string, folder: string): Promise<Package[]> {
  const name = basename(path);
  if (name === 'package.json')
    return /\/node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path) ? ofNpm(path) : [];
  if (name === 'METADATA' || name === 'PKG-INFO')
    return /\.(?:dist-info\/METADATA|egg-info\/PKG-INFO)$/.test(path) ? ofPython(path) : [];
  if (name.endsWith('.gemspec')) return ofGem(path);
  if (name.endsWith('.jar')) return ofJar(path);
  if (path === join(folder, bundledPackagesFile)) return ofList(path);
  return (await isElf(path)) ? goModules(await readFile(path)) : [];
}

const readText = async (path: string): Promise<string> =>
  (await stat(path)).size > metadataBytesMax ? '' : readFile(path, 'utf8');

async function ofNpm(path: string): Promise<Package[]> {
  const manifest: unknown = JSON.parse(await readText(path));
  if (!isObject(manifest)) return [];
  const { name, version, license } = manifest;
  // Folders inside a package have some without either, which only say how to read what is there.
  if (typeof name !== 'string' || typeof version !== 'string') return [];
  return [{ ecosystem: 'npm', name, version, ...licensed(license) }];
}

/** https://packaging.python.org/en/latest/specifications/core-metadata/ */
async function ofPython(path: string): Promise<Package[]> {
  const [head = ''] = (await readText(path)).split(/\r?\n\r?\n/);
  const field = (name: string): string | undefined => new RegExp(`^${name}:[ \\t]*(.+?)\\s*$`, 'mi').exec(head)?.[1];
  const [name, version] = [field('Name'), field('Version')];
  if (name === undefined || version === undefined) return [];
  const license = field('License-Expression') ?? field('License');
  return [{ ecosystem: 'PyPI', name: normalName('PyPI', name), version, ...licensed(license) }];
}

/** `nokogiri-1.18.1-x86_64-linux-gnu.gemspec`: the file itself is a program. */
function ofGem(path: string): Package[] {
  const [, name, version] =
    /\/specifications\/(?:default\/)?([A-Za-z0-9._-]+?)-(\d[A-Za-z0-9.]*)(?:-[^/]*)?\.gemspec$/.exec(path) ?? [];
  return name === undefined || version === undefined ? [] : [{ ecosystem: 'RubyGems', name, version }];
}

/** A jar of jars made one has the properties of each. https://maven.apache.org/shared/maven-archiver/ */
async function ofJar(path: string): Promise<Package[]> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    const found: Package[] = [];
    if (zip.entryCount > jarEntriesMax) return found;
    for await (const entry of zip.eachEntry()) {
      if (!/^META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/.test(entry.fileName)) continue;
      if (entry.uncompressedSize > propertiesBytesMax) continue;
      const properties = await text(await zip.openReadStreamPromise(entry));
      const value = (key: string): string | undefined => new RegExp(`^${key}=(.+?)\\s*$`, 'm').exec(properties)?.[1];
      const [group, artifact, version] = [value('groupId'), value('artifactId'), value('version')];
      if (group !== undefined && artifact !== undefined && version !== undefined)
        found.push({ ecosystem: 'Maven', name: `${group}:${artifact}`, version });
    }
    return found;
  } finally {
    zip.close();
  }
}

async function ofList(path: string): Promise<Package[]> {
  const list: unknown = JSON.parse(await readText(path));
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => {
    if (!isObject(one)) return [];
    const { ecosystem, name, version, license } = one;
    if (!isEcosystem(ecosystem) || typeof name !== 'string' || typeof version !== 'string') return [];
    return [{ ecosystem, name, version, ...licensed(license) }];
  });
}

const licensed = (license: unknown): { license?: string } =>
  typeof license === 'string' && license !== '' ? { license: license.slice(0, licenseCharactersMax) } : {};

async function isElf(path: string): Promise<boolean> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  if (bytesRead < 4 || !buffer.equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46]))) return false;
  return (await file.stat()).size <= programBytesMax;
}
