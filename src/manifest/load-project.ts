/** From a path that somebody gave to a project: its manifest, or what stands for one when there is none. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { PlatformError } from '../util/errors.ts';
import { ProjectError } from './complaint.ts';
import { detectHandlers, detectHandlersIn, type Detected } from './detect-handlers.ts';
import { applicationNameFrom } from './fields/names.ts';
import type { Manifest } from './manifest.ts';
import { manifestNames } from './package/ignored.ts';
import type { Scope } from './policy.ts';
import { readManifest, type ManifestContext } from './read-manifest.ts';

export type LoadedProject = {
  /** Absolute. */
  folder: string;
  /** The manifest as complaints name it; without one, the handler's file. */
  file: string;
  manifest: Manifest;
  /** What was found in place of a manifest. */
  detected?: Detected;
};

export type LoadOptions = Scope & Pick<ManifestContext, 'limits'> & { workingFolder: string };

/**
 * `path`: a folder, a manifest, or a file with a handler; `workingFolder` is what it and the complaints are relative to.
 * Errors: `not_found`; ProjectError with everything that is wrong.
 */
export function loadProject(path: string, options: LoadOptions): LoadedProject {
  const given = resolve(options.workingFolder, path);
  const stats = statSync(given, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new PlatformError(
      'not_found',
      `There is no ${path}; a folder with mayfly.yaml or with one handler, or one of these files, is accepted.`,
    );
  const folder = realpathSync(stats.isDirectory() ? given : dirname(given));
  const manifestFile = stats.isDirectory()
    ? manifestIn(folder, options.workingFolder)
    : manifestNames.some((name) => name === basename(given)) || /\.(?:ya?ml|json)$/.test(given)
      ? basename(given)
      : undefined;
  if (manifestFile === undefined)
    return withoutManifest(folder, stats.isDirectory() ? undefined : basename(given), options);
  const file = shownFrom(options.workingFolder, join(folder, manifestFile));
  const result = readManifest(readFileSync(join(folder, manifestFile), 'utf8'), {
    ...options,
    file,
    folderName: basename(folder),
  });
  if (result.status === 'wrong') throw new ProjectError(result.complaints);
  return { folder, file, manifest: result.manifest };
}

function manifestIn(folder: string, workingFolder: string): string | undefined {
  const there = manifestNames.filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile());
  if (there.length > 1) {
    throw new ProjectError([
      {
        file: shownFrom(workingFolder, join(folder, there[1] ?? '')),
        line: 1,
        column: 1,
        field: '',
        message: `there is ${there.join(' and ')}; keep one`,
      },
    ]);
  }
  return there[0];
}

/**
 * One function with a URL of its own and the route `/<name>`, everything else as a manifest's defaults have it. A folder
 * goes in whole; a file that was named alone (in a home folder, perhaps) goes alone.
 */
function withoutManifest(folder: string, onlyFile: string | undefined, options: LoadOptions): LoadedProject {
  const found = onlyFile === undefined ? detectHandlers(folder) : detectHandlersIn(folder, onlyFile);
  const [detected] = found;
  if (detected === undefined || found.length > 1)
    throw new PlatformError('invalid_argument', undecided(folder, onlyFile, found));
  const name = functionNameOf(detected, folder);
  const code = onlyFile ?? '.';
  const text = manifestText(detected, { application: applicationNameFrom(basename(folder)) || name, name, code });
  const file = shownFrom(options.workingFolder, join(folder, detected.file));
  const result = readManifest(text, { ...options, file, folderName: basename(folder) });
  if (result.status === 'wrong') throw new ProjectError(result.complaints);
  const manifest = {
    ...result.manifest,
    functions: result.manifest.functions.map((fn) => ({
      ...fn,
      at: { code: { line: 1, column: 1 }, handler: { line: 1, column: 1 } },
    })),
  };
  return { folder, file, manifest, detected };
}

/** `index.ts` and `bootstrap` say nothing, so the folder's name does. */
export function functionNameOf(detected: Detected, folder: string): string {
  const stem = detected.file.replace(/\.[^.]+$/, '');
  const isNameless = ['index', 'bootstrap', 'main', 'app', 'handler', 'lambda_function', 'function'].includes(stem);
  return applicationNameFrom(isNameless ? basename(folder) : stem) || applicationNameFrom(stem) || 'function';
}

/** The shortest manifest that says the same. */
function manifestText(
  { runtime, handler }: Detected,
  names: { application: string; name: string; code: string },
): string {
  const runtimeWord = runtime === 'nodejs26.x' ? 'nodejs' : runtime;
  return [
    `application: ${names.application}`,
    'functions:',
    `  ${names.name}:`,
    `    runtime: ${runtimeWord}`,
    ...(runtime === 'provided' ? [] : [`    handler: ${handler}`]),
    `    code: ${JSON.stringify(names.code)}`,
    '    events:',
    `      - http: ANY /${names.name}`,
    '      - url: true',
    '',
  ].join('\n');
}

function undecided(folder: string, onlyFile: string | undefined, found: readonly Detected[]): string {
  const wanted =
    'a Python file with def lambda_handler(event, context), a Ruby file with def handler(event:, context:), an index.ts, index.mjs or index.js that exports handler or a default { fetch }, or an executable bootstrap';
  const remedy = 'Write mayfly.yaml (mayfly init --from-file FILE --handler FILE.FUNCTION does)';
  if (found.length === 0) {
    if ((onlyFile ?? 'bootstrap') === 'bootstrap' && existsSync(join(folder, 'bootstrap')))
      return `There is no mayfly.yaml in ${folder}, and its bootstrap is not executable: chmod +x ${join(folder, 'bootstrap')}`;
    const missed = onlyFile === undefined ? 'no file in it looks' : `${onlyFile} does not look`;
    return `There is no mayfly.yaml in ${folder}, and ${missed} like a function: ${wanted}. ${remedy}, or mayfly init --template node for an example.`;
  }
  const list = found.map(({ file, handler }) => `  ${file} (handler: ${handler})`).join('\n');
  return `There is no mayfly.yaml in ${folder}, and more than one function in it:\n${list}\n${remedy}, or name one: mayfly deploy ${found[0]?.file ?? ''}`;
}

/** Relative where that is shorter to read: inside the working folder. */
function shownFrom(workingFolder: string, path: string): string {
  const short = relative(realpathSync(workingFolder), path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}
