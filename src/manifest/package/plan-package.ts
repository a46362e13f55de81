/** What goes into a function's bundle, before anything is read: the handler's file, and the files beside it. */
import { statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { runtimeFamily } from '../../util/runtime-names.ts';
import type { ManifestFunction } from '../manifest.ts';
import { nearest } from '../nearest.ts';
import { collectFiles, shownPath, type Collected } from './collect-files.ts';
import { findEntry, isTypeScript, type Entry } from './find-entry.ts';
import type { InputFile } from './input-file.ts';
import { neededPackages } from './needed-packages.ts';

export type Plan = {
  /** Absolute; what the bundle's paths start from. */
  folder: string;
  entry: Entry;
  /** Whether esbuild makes one file of the entry and what it imports; `files` are then what goes in beside it. */
  bundles: boolean;
  files: readonly InputFile[];
};

/** `key`: what of the function it is about. */
export type PlanProblem = { key: 'code' | 'handler'; message: string };

export type PlanResult = { status: 'ok'; plan: Plan } | { status: 'wrong'; problems: readonly PlanProblem[] };

const nothing: Collected = { files: [], problems: [] };

export function planPackage(fn: ManifestFunction, projectFolder: string): PlanResult {
  const { paths, bundled } = fn.code;
  const { runtime, handler } = fn.settings;
  const place = placeOf(paths, projectFolder);
  if (typeof place === 'string') return wrong('code', place);
  const { folder, patterns } = place;
  const found = findEntry(folder, runtime, handler);
  if (found.status === 'missing') return wrong('handler', missingEntry(found, folder, projectFolder));
  const { entry } = found;

  const family = runtimeFamily(runtime);
  const isNode = family === 'nodejs';
  const bundles = isNode && (bundled ?? isTypeScript(entry.path));
  const beside = bundles ? besideBundle(paths, folder, entry) : collectFiles(folder, projectFolder, patterns);
  const packages = isNode && !bundles && !speakOfPackages(patterns) ? neededPackages(folder, projectFolder) : nothing;
  // A file of the project's own comes before one of the same path from package.json's folder.
  const files = [...new Map([...packages.files, ...beside.files].map((file) => [file.path, file])).values()];

  // A class may be in any of the jars.
  const packed = files.find(({ path }) => path === entry.path || (family === 'java' && path.endsWith('.jar')));
  const problems = [...beside.problems, ...packages.problems];
  if (!bundles && packed === undefined) {
    problems.push(
      `${entry.path}, which the handler needs, is not among the files of these patterns; add '${entry.path}'`,
    );
  }
  if (family === 'provided' && packed?.executable === false) {
    const shown = shownPath(projectFolder, packed.source);
    problems.push(`${shown} is not executable; run chmod +x ${shown}`);
  }
  if (problems.length > 0) return { status: 'wrong', problems: problems.map((message) => ({ key: 'code', message })) };
  return { status: 'ok', plan: { folder, entry, bundles, files } };
}

function wrong(key: PlanProblem['key'], message: string): PlanResult {
  return { status: 'wrong', problems: [{ key, message }] };
}

/** The folder that the bundle's paths start from, or what is wrong with `code`. */
function placeOf(
  paths: string | readonly string[],
  projectFolder: string,
): { folder: string; patterns: readonly string[] | undefined } | string {
  if (typeof paths !== 'string') return { folder: projectFolder, patterns: paths };
  const target = join(projectFolder, paths);
  if (relative(projectFolder, target).startsWith('..')) {
    return `found '${paths}'; a place inside the project (${projectFolder}) is accepted`;
  }
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats === undefined) {
    return `there is no ${paths} in ${projectFolder}; a folder or a file of the project is accepted`;
  }
  if (stats.isDirectory()) return { folder: target, patterns: undefined };
  return { folder: dirname(target), patterns: [basename(target)] };
}

/** Only what patterns name, and of that no sources: those are in the bundle, or are no use without one. */
function besideBundle(paths: string | readonly string[], folder: string, entry: Entry): Collected {
  if (typeof paths === 'string') return nothing;
  const { files, problems } = collectFiles(folder, folder, paths);
  return { files: files.filter(({ path }) => !isTypeScript(path) && path !== entry.path), problems };
}

function speakOfPackages(patterns: readonly string[] | undefined): boolean {
  return patterns?.some((pattern) => /^!?(?:\.\/)?(?:\*\*\/)?node_modules(?:\/|$)/.test(pattern)) ?? false;
}

function missingEntry(
  found: { looked: readonly string[]; problem: string },
  folder: string,
  projectFolder: string,
): string {
  if (found.looked.length === 0) return found.problem;
  const shown = shownPath(projectFolder, folder);
  const place = shown === '.' ? "the project's folder" : shown;
  const there = collectFiles(folder, projectFolder, ['*', '*/*']).files.map(({ path }) => path);
  const near = found.looked.map((path) => nearest(path, there)).find((path) => path !== undefined);
  const looked = found.looked.length > 3 ? `${found.looked.slice(0, 3).join(', ')} …` : found.looked.join(', ');
  return `${found.problem}: looked for ${looked} in ${place}${near === undefined ? '' : `, where ${near} is`}`;
}
