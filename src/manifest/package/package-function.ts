/**
 * A function's files to a zip file: planned, bundled where that is due, checked, and written only if anything has
 * changed since the last time. Every problem has the place in the manifest, or in the source, that it comes from.
 */
import { readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Clock } from '../../util/clock.ts';
import type { BundleHash } from '../../util/ids.ts';
import { bundledPackagesFile } from '../../resources/packages/list-packages.ts';
import { limits } from '../../util/limits.ts';
import { besideManifest } from '../beside-manifest.ts';
import type { Complaint } from '../complaint.ts';
import type { ManifestFunction } from '../manifest.ts';
import { scanCode } from '../scan/scan-code.ts';
import { secretAdvice } from '../scan/secret-advice.ts';
import { bundleEntry, type Bundled } from './bundle-entry.ts';
import { bundledPackages } from './bundled-packages.ts';
import { missingDefinition, missingExport } from './check-handler.ts';
import { isTypeScript } from './find-entry.ts';
import { changedMs, stampOfPath, type InputFile } from './input-file.ts';
import { fingerprintOf, type CachedPackage, type PackageCache } from './package-cache.ts';
import { planPackage, type Plan, type PlanProblem } from './plan-package.ts';
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
  /** Its entry, where that is TypeScript; absolute. */
  typescript?: string;
};

export type PackageResult =
  | { status: 'ok'; packed: PackedFunction }
  | { status: 'wrong'; complaints: readonly Complaint[] };

export async function packageFunction(fn: ManifestFunction, project: Project): Promise<PackageResult> {
  const wrong = (problems: readonly PlanProblem[]): PackageResult => ({
    status: 'wrong',
    complaints: problems.map(({ key, message }) => ({
      file: project.file,
      ...fn.at[key],
      field: `functions.${fn.name}.${key}`,
      message,
    })),
  });
  const planned = planPackage(fn, project.folder);
  if (planned.status === 'wrong') return wrong(planned.problems);
  const { plan } = planned;

  const before = project.cache.read(fn.name);
  const isUnchanged = before !== undefined && before.fingerprint === fingerprint(fn, plan, before.inputs);
  const typescript = isTypeScript(plan.entry.path) ? { typescript: join(plan.folder, plan.entry.path) } : {};
  if (isUnchanged) return { status: 'ok', packed: { ...packedOf(before, project, false), ...typescript } };

  const startedMs = project.clock.now() - fileTimeStepMs;
  let bundled: Bundled | undefined;
  if (plan.bundles) {
    const result = await bundleEntry(plan.folder, project.folder, plan.entry, fn.settings.runtime);
    if (result.status === 'wrong') {
      const field = `functions.${fn.name}.handler`;
      const complaints = result.problems.map(({ file, at, message }) => ({
        file: besideManifest(project, file),
        ...at,
        field,
        message,
      }));
      return { status: 'wrong', complaints };
    }
    bundled = result.bundled;
  }
  const problems = [...handlerProblems(plan, bundled), ...sizeProblems(plan.files, bundled)];
  if (problems.length > 0) return wrong(problems);

  const secrets = secretsIn(fn, plan, bundled, project);
  if (secrets.length > 0) return { status: 'wrong', complaints: secrets };

  const inputs = bundled?.inputs ?? [];
  // What was saved while it was read may be in the bundle or not: then the next time must look again.
  const isSettled = inputs.every((path) => changedMs(path) < startedMs);
  const entry = { fingerprint: isSettled ? fingerprint(fn, plan, inputs) : '', inputs };
  const made = await pack(fn, plan, bundled, entry, project.cache);
  return { status: 'ok', packed: { ...packedOf(made, project, true), ...typescript } };
}

/** In the project's own files, those that a bundle is made of included. */
function secretsIn(fn: ManifestFunction, plan: Plan, bundled: Bundled | undefined, project: Project): Complaint[] {
  const bundledFiles = (bundled?.inputs ?? [])
    .filter((source) => statSync(source, { throwIfNoEntry: false })?.isFile() === true)
    .map((source) => ({ path: relative(plan.folder, source), source }));
  return scanCode([...plan.files, ...bundledFiles], fn.allowSecrets).map(({ path, source, line, column, what }) => ({
    file: besideManifest(project, source),
    line,
    column,
    field: `functions.${fn.name}.code`,
    message: `this looks like ${what}; ${secretAdvice(path)}`,
  }));
}

function fingerprint(fn: ManifestFunction, plan: Plan, inputs: readonly string[]): string {
  const { runtime, handler } = fn.settings;
  const { folder, entry, bundles, files } = plan;
  return fingerprintOf({
    runtime,
    handler,
    folder,
    entry,
    bundles,
    allowSecrets: fn.allowSecrets,
    files: files.map(({ path, source, stamp }) => [path, source, stamp]),
    inputs: inputs.map((path) => [path, stampOfPath(path)]),
  });
}

function handlerProblems(plan: Plan, bundled: Bundled | undefined): PlanProblem[] {
  const { path, functionName } = plan.entry;
  let message: string | undefined;
  if (bundled?.exported !== undefined) message = missingExport(path, functionName, bundled.exported);
  if (path.endsWith('.py')) {
    message = missingDefinition(path, functionName, readFileSync(join(plan.folder, path), 'utf8'));
  }
  return message === undefined ? [] : [{ key: 'handler', message }];
}

function sizeProblems(files: readonly InputFile[], bundled: Bundled | undefined): PlanProblem[] {
  const outputs = (bundled?.outputs ?? []).map(({ path, bytes }) => ({ path, bytes: bytes.byteLength }));
  const sizes = [...files.map(({ path, bytes }) => ({ path, bytes })), ...outputs];
  if (sizes.length > limits.bundleFilesMax) {
    const message = `these are more than ${limits.bundleFilesMax} files; leave some out with patterns ('!…')`;
    return [{ key: 'code', message }];
  }
  const bytes = sizes.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= limits.bundleBytesMax) return [];
  const largest = sizes
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .map((file) => `${file.path} (${megabytes(file.bytes)})`);
  const message = `the code has ${megabytes(bytes)}; at most ${megabytes(limits.bundleBytesMax)} are accepted. The largest files: ${largest.join(', ')}. Leave some out with patterns: ['**', '!…']`;
  return [{ key: 'code', message }];
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
  // A file that stands where the bundle goes is what the source was compiled to by another tool.
  const entries = new Map<string, ZipEntry>();
  for (const { path, source, executable } of plan.files)
    entries.set(path, { path, executable, from: { file: source } });
  for (const { path, bytes } of bundled?.outputs ?? []) entries.set(path, { path, executable: false, from: { bytes } });
  const packages = bundledPackages(bundled?.inputs ?? []);
  if (packages.length > 0) {
    const bytes = Buffer.from(JSON.stringify(packages));
    entries.set(bundledPackagesFile, { path: bundledPackagesFile, executable: false, from: { bytes } });
  }
  const draft = cache.draftPath(fn.name);
  try {
    const { hash, bytes } = await writeZip([...entries.values()], draft);
    const packed: CachedPackage = { ...entry, hash: hash as BundleHash, bytes, files: entries.size };
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
