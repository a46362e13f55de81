/** Of node_modules, the packages that package.json's `dependencies` need, with what those need: no development tools. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { limits } from '../../util/limits.ts';
import type { Collected } from './collect-files.ts';
import { inputFile, type InputFile } from './input-file.ts';

/**
 * Searched upwards from `folder` to `projectFolder`. The files' paths begin with `node_modules/`; beside them goes
 * package.json itself, whose `type` tells Node how to read `.js`.
 */
export function neededPackages(folder: string, projectFolder: string): Collected {
  const home = packageHome(folder, projectFolder);
  if (home === undefined) return { files: [], problems: [] };
  const modules = join(home, 'node_modules');
  const wanted = dependenciesOf(home);
  const own = inputFile(
    'package.json',
    join(home, 'package.json'),
    statSync(join(home, 'package.json'), { bigint: true }),
  );
  if (wanted.length === 0) return { files: [own], problems: [] };
  if (!existsSync(modules)) {
    return {
      files: [],
      problems: [
        `package.json needs ${wanted.slice(0, 3).join(', ')}, and there is no node_modules beside it; run npm ci`,
      ],
    };
  }
  if (existsSync(join(modules, '.pnpm'))) {
    return {
      files: [],
      problems: ['node_modules is one of pnpm, whose links a bundle cannot keep; write bundle: true beside handler'],
    };
  }
  const folders = new Set<string>();
  const problems: string[] = [];
  const realHome = realpathSync(home);
  const queue = wanted.map((name) => ({ name, from: home }));
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const found = findPackage(next.name, next.from, home);
    if (found === undefined) {
      if (next.from === home && !optionalOf(home).includes(next.name))
        problems.push(`package.json needs ${next.name}, and it is not in node_modules; run npm ci`);
    } else if (!isInside(found, realHome)) {
      problems.push(
        `node_modules/${next.name} is a link to ${found}, outside the project; write bundle: true beside handler`,
      );
    } else if (!folders.has(found)) {
      folders.add(found);
      queue.push(...dependenciesOf(found).map((name) => ({ name, from: found })));
    }
  }
  const files = [...folders].flatMap((packageFolder) => filesOf(packageFolder, home));
  return { files: [own, ...files.slice(0, limits.bundleFilesMax + 1)], problems };
}

function packageHome(folder: string, projectFolder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at;
    if (at === projectFolder || at === dirname(at) || relative(projectFolder, at).startsWith('..')) return undefined;
  }
}

/** Node's own way of looking: in each node_modules upwards. */
function findPackage(name: string, from: string, home: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (at === home || at === dirname(at)) return undefined;
  }
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder + sep);
}

function dependenciesOf(packageFolder: string): string[] {
  const manifest = packageJson(packageFolder);
  return ['dependencies', 'optionalDependencies', 'peerDependencies'].flatMap((kind) =>
    Object.keys(asRecord(manifest[kind])),
  );
}

function optionalOf(packageFolder: string): string[] {
  const manifest = packageJson(packageFolder);
  return ['optionalDependencies', 'peerDependencies'].flatMap((kind) => Object.keys(asRecord(manifest[kind])));
}

function packageJson(packageFolder: string): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')));
  } catch {
    // Not ours to judge: Node reads it too, and says so where it matters.
    return {};
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** All but nested node_modules, whose packages are listed by themselves. */
function filesOf(packageFolder: string, home: string): InputFile[] {
  const inside = relative(realpathSync(home), packageFolder).split(sep).join('/');
  // A workspace's package, linked into node_modules: it goes where its users look for it.
  const base = inside.startsWith('node_modules/')
    ? inside
    : `node_modules/${String(packageJson(packageFolder)['name'])}`;
  const files: InputFile[] = [];
  const walk = (folder: string, path: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const source = join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== 'node_modules') walk(source, `${path}/${entry.name}`);
      else if (entry.isFile())
        files.push(inputFile(`${path}/${entry.name}`, source, statSync(source, { bigint: true })));
    }
  };
  walk(packageFolder, base);
  return files;
}
