/**
 * A function's files to a bundle: which ones, whether they are bundled first, and whether anything has changed since
 * the last time. Answers every problem with the place in the manifest (or the source) that it comes from.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Clock } from '../../util/clock.ts';
import type { BundleHash } from '../../util/ids.ts';
import { limits } from '../../util/limits.ts';
import type { Complaint, Position } from '../complaint.ts';
import type { ManifestFunction } from '../manifest.ts';
import { nearest } from '../nearest.ts';
import { bundleEntry, type Bundled } from './bundle-entry.ts';
import { missingDefinition, missingExport } from './check-handler.ts';
import { collectFiles, shownPath } from './collect-files.ts';
import { findEntry, isTypeScript, type Entry } from './find-entry.ts';
import { changedMs, stampOfPath, type InputFile } from './input-file.ts';
import { neededPackages } from './needed-packages.ts';
import { fingerprintOf, type CachedPackage, type PackageCache } from './package-cache.ts';
import { writeZip, type ZipEntry } from './zip.ts';

/** File systems take their times from a clock that ticks in steps of up to 10 ms (Linux at 100 Hz). */
const fileTimeStepMs = 10;

export type Project = {
  /** Absolute. */
  folder: string;
  /** The manifest, or what stands for it, as complaints name it. */
  file: string;
  cache: PackageCache;
  clock: Clock;
};

export type PackedFunction = {
  hash: BundleHash;
  /** Of the zip. */
  bytes: number;
  files: number;
  zipPath: string;
  /** False: as it was the last time. */
  built: boolean;
};

export type PackageResult =
  | { status: 'ok'; packed: PackedFunction }
  | { status: 'wrong'; complaints: readonly Complaint[] };

export async function packageFunction(fn: ManifestFunction, project: Project): Promise<PackageResult> {
  const complaints: Complaint[] = [];
  const complain = (at: Position, key: 'code' | 'handler', message: string): void => {
    complaints.push({ file: project.file, ...at, field: `functions.${fn.name}.${key}`, message });
  };
  const plan = planOf(fn, project, complain);
  if (plan === undefined) return { status: 'wrong', complaints };

  const before = project.cache.read(fn.name);
  const isUnchanged = before !== undefined && before.fingerprint === fingerprint(fn, plan, before.inputs);
  if (isUnchanged) return { status: 'ok', packed: packedOf(before, project, false) };

  const startedMs = project.clock.now() - fileTimeStepMs;
  let bundled: Bundled | undefined;
  if (plan.bundles) {
    const result = await bundleEntry(plan.folder, project.folder, plan.entry, fn.settings.runtime);
    if (result.status === 'wrong') {
      return {
        status: 'wrong',
        complaints: result.problems.map(({ file, at, message }) => ({
          file: besideManifest(project, file),
          ...at,
          field: `functions.${fn.name}.handler`,
          message,
        })),
      };
    }
    bundled = result.bundled;
  }
  const problem = handlerProblem(plan, bundled);
  if (problem !== undefined) complain(fn.at.handler, 'handler', problem);
  const tooLarge = sizeProblem(plan.files, bundled);
  if (tooLarge !== undefined) complain(fn.at.code, 'code', tooLarge);
  if (complaints.length > 0) return { status: 'wrong', complaints };

  const inputs = bundled?.inputs ?? [];
  // What was saved while it was read may be in the bundle or not: then the next time must look again.
  const isSettled = inputs.every((path) => changedMs(path) < startedMs);
  const entry = { fingerprint: isSettled ? fingerprint(fn, plan, inputs) : '', inputs };
  return { status: 'ok', packed: packedOf(await pack(fn, plan, bundled, entry, project.cache), project, true) };
}

type Plan = {
  /** Absolute; what the bundle's paths start from. */
  folder: string;
  entry: Entry;
  bundles: boolean;
  files: readonly InputFile[];
};

type Complain = (at: Position, key: 'code' | 'handler', message: string) => void;

function planOf(fn: ManifestFunction, project: Project, complain: Complain): Plan | undefined {
  const { paths, bundled } = fn.code;
  const place = placeOf(paths, project.folder);
  if (typeof place === 'string') {
    complain(fn.at.code, 'code', place);
    return undefined;
  }
  const { folder, patterns } = place;
  const { runtime, handler } = fn.settings;
  const found = findEntry(folder, runtime, handler);
  if (found.status === 'missing') {
    complain(fn.at.handler, 'handler', missingEntry(found, folder, project.folder));
    return undefined;
  }
  const { entry } = found;
  const isNode = runtime !== 'python' && runtime !== 'provided';
  const bundles = isNode && (bundled ?? isTypeScript(entry.path));
  const collected =
    bundles && (patterns === undefined || typeof paths === 'string')
      ? { files: [], problems: [] }
      : collectFiles(folder, project.folder, patterns);
  // Sources that are bundled, or that will be transpiled, need not go in twice.
  const own = bundles
    ? collected.files.filter(({ path }) => !isTypeScript(path) && path !== entry.path)
    : collected.files;
  const wantsPackages =
    isNode &&
    !bundles &&
    !(patterns?.some((pattern) => /^!?(?:\.\/)?(?:\*\*\/)?node_modules(?:\/|$)/.test(pattern)) ?? false);
  const packages = wantsPackages ? neededPackages(folder, project.folder) : { files: [], problems: [] };
  const files = withoutDoubles([...packages.files, ...own]);

  for (const problem of [...collected.problems, ...packages.problems]) complain(fn.at.code, 'code', problem);
  const packed = files.find(({ path }) => path === entry.path);
  if (!bundles && packed === undefined)
    complain(
      fn.at.code,
      'code',
      `${entry.path}, which the handler needs, is not among the files of these patterns; add '${entry.path}'`,
    );
  if (runtime === 'provided' && packed !== undefined && !packed.executable) {
    complain(
      fn.at.code,
      'code',
      `${shownPath(project.folder, packed.source)} is not executable; run chmod +x ${shownPath(project.folder, packed.source)}`,
    );
  }
  return collected.problems.length + packages.problems.length > 0 ||
    (!bundles && packed === undefined) ||
    (runtime === 'provided' && packed?.executable === false)
    ? undefined
    : { folder, entry, bundles, files };
}

/** The folder that the bundle's paths start from, or what is wrong with `code`. */
function placeOf(
  paths: string | readonly string[],
  projectFolder: string,
): { folder: string; patterns: readonly string[] | undefined } | string {
  if (typeof paths !== 'string') return { folder: projectFolder, patterns: paths };
  const target = join(projectFolder, paths);
  if (relative(projectFolder, target).startsWith('..'))
    return `found '${paths}'; a place inside the project (${projectFolder}) is accepted`;
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats === undefined)
    return `there is no ${paths} in ${projectFolder}; a folder or a file of the project is accepted`;
  if (stats.isDirectory()) return { folder: target, patterns: undefined };
  return { folder: dirname(target), patterns: [basename(target)] };
}

function missingEntry(
  found: { looked: readonly string[]; problem: string },
  folder: string,
  projectFolder: string,
): string {
  if (found.looked.length === 0) return found.problem;
  const place = shownPath(projectFolder, folder);
  const there = collectFiles(folder, projectFolder, ['*', '*/*']).files.map(({ path }) => path);
  const near = found.looked.map((path) => nearest(path, there)).find((path) => path !== undefined);
  const looked = found.looked.length > 3 ? `${found.looked.slice(0, 3).join(', ')} …` : found.looked.join(', ');
  return `${found.problem}: looked for ${looked} in ${place === '.' ? "the project's folder" : place}${near === undefined ? '' : `, where ${near} is`}`;
}

function withoutDoubles(files: readonly InputFile[]): InputFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

function fingerprint(fn: ManifestFunction, plan: Plan, inputs: readonly string[]): string {
  const { runtime, handler } = fn.settings;
  return fingerprintOf({
    runtime,
    handler,
    folder: plan.folder,
    entry: plan.entry,
    bundles: plan.bundles,
    files: plan.files.map(({ path, source, stamp }) => [path, source, stamp]),
    inputs: inputs.map((path) => [path, stampOfPath(path)]),
  });
}

function handlerProblem(plan: Plan, bundled: Bundled | undefined): string | undefined {
  const { path, functionName } = plan.entry;
  if (bundled !== undefined)
    return bundled.exported === undefined ? undefined : missingExport(path, functionName, bundled.exported);
  return path.endsWith('.py')
    ? missingDefinition(path, functionName, readFileSync(join(plan.folder, path), 'utf8'))
    : undefined;
}

function sizeProblem(files: readonly InputFile[], bundled: Bundled | undefined): string | undefined {
  const sizes = [
    ...files.map(({ path, bytes }) => ({ path, bytes })),
    ...(bundled?.outputs ?? []).map(({ path, bytes }) => ({ path, bytes: bytes.byteLength })),
  ];
  if (sizes.length > limits.bundleFilesMax)
    return `these are more than ${limits.bundleFilesMax} files; leave some out with patterns ('!…')`;
  const bytes = sizes.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= limits.bundleBytesMax) return undefined;
  const largest = sizes
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .map((file) => `${file.path} (${megabytes(file.bytes)})`);
  return `the code has ${megabytes(bytes)}; at most ${megabytes(limits.bundleBytesMax)} are accepted. The largest files: ${largest.join(', ')}. Leave some out with patterns: ['**', '!…']`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

async function pack(
  fn: ManifestFunction,
  plan: Plan,
  bundled: Bundled | undefined,
  entry: Pick<CachedPackage, 'fingerprint' | 'inputs'>,
  cache: PackageCache,
): Promise<CachedPackage> {
  const entries: ZipEntry[] = [
    ...plan.files.map(({ path, source, executable }) => ({ path, executable, from: { file: source } })),
    ...(bundled?.outputs ?? []).map(({ path, bytes }) => ({ path, executable: false, from: { bytes } })),
  ];
  const draft = cache.draftPath(fn.name);
  try {
    const { hash, bytes } = await writeZip(entries, draft);
    const packed: CachedPackage = { ...entry, hash: hash as BundleHash, bytes, files: entries.length };
    cache.write(fn.name, draft, packed);
    return packed;
  } catch (error) {
    cache.discard(draft);
    throw error;
  }
}

function packedOf({ hash, bytes, files }: CachedPackage, project: Project, built: boolean): PackedFunction {
  return { hash, bytes, files, zipPath: project.cache.zipPath(hash), built };
}

/** A source file's path in the same manner as the manifest's. */
function besideManifest(project: Project, file: string): string {
  return join(dirname(project.file), relative(project.folder, file));
}
