/** TypeScript, or JavaScript with its packages, to one file that Node runs, with a source map for its stack traces. */
import { join, relative, resolve, sep } from 'node:path';
import type { Message, Metafile } from 'esbuild';
import type { runtimeFamilies, RuntimeName } from '../../util/runtime-names.ts';
import type { Position } from '../complaint.ts';
import type { Entry } from './find-entry.ts';

export type Bundled = {
  outputs: readonly { path: string; bytes: Uint8Array }[];
  /** Absolute paths of everything that was read, or looked for: when none has changed, the result has not. */
  inputs: readonly string[];
  /** Names that the entry exports; undefined where only running it would tell (CommonJS). */
  exported: readonly string[] | undefined;
};

type BundleProblem = { file: string; at: Position; message: string };
export type BundleResult = { status: 'ok'; bundled: Bundled } | { status: 'wrong'; problems: readonly BundleProblem[] };

const targets: Readonly<Partial<Record<RuntimeName, string>>> = {
  'nodejs20.x': 'node20',
  'nodejs22.x': 'node22',
  'nodejs24.x': 'node24',
  'nodejs26.x': 'node26',
} satisfies Record<(typeof runtimeFamilies)['nodejs'][number], string>;

/**
 * CommonJS packages expect `require` and the two paths inside a module too. esbuild renames a `require` of the code's
 * own; a `__dirname` of its own it leaves, so ours have other names.
 */
const commonJsInModule =
  "import { createRequire as bundleCreateRequire } from 'node:module'; const require = bundleCreateRequire(import.meta.url);";
const commonJsPaths = { __filename: 'import.meta.filename', __dirname: 'import.meta.dirname' };

/**
 * A module (`.mjs`), unless the entry itself is written as CommonJS (`exports.handler =`, `export =`): its exports would
 * have no names in a module. Everything is bundled; nothing stays external but Node's own modules.
 */
export async function bundleEntry(
  folder: string,
  projectFolder: string,
  entry: Entry,
  runtime: RuntimeName,
): Promise<BundleResult> {
  const asModule = await build(folder, projectFolder, entry, runtime, 'esm');
  if (asModule.status === 'wrong') return asModule;
  const isCommonJs = Object.values(asModule.metafile.inputs).some(
    (input) => input.format === 'cjs' && isEntry(asModule.metafile, input),
  );
  if (!isCommonJs) return { status: 'ok', bundled: asModule.bundled };
  const asCommonJs = await build(folder, projectFolder, entry, runtime, 'cjs');
  return asCommonJs.status === 'wrong'
    ? asCommonJs
    : { status: 'ok', bundled: { ...asCommonJs.bundled, exported: undefined } };
}

function isEntry(metafile: Metafile, input: Metafile['inputs'][string]): boolean {
  return Object.values(metafile.outputs).some(
    (output) => output.entryPoint !== undefined && metafile.inputs[output.entryPoint] === input,
  );
}

type BuildResult =
  | { status: 'ok'; bundled: Bundled; metafile: Metafile }
  | { status: 'wrong'; problems: readonly BundleProblem[] };

async function build(
  folder: string,
  projectFolder: string,
  entry: Entry,
  runtime: RuntimeName,
  format: 'esm' | 'cjs',
): Promise<BuildResult> {
  // Loaded when there is something to build: a deployment without changes does without it.
  const esbuild = await import('esbuild');
  try {
    const result = await esbuild.build({
      absWorkingDir: projectFolder,
      entryPoints: [{ in: join(folder, entry.path), out: entry.module }],
      outdir: folder,
      outExtension: { '.js': format === 'esm' ? '.mjs' : '.cjs' },
      bundle: true,
      write: false,
      platform: 'node',
      format,
      target: targets[runtime] ?? 'esnext',
      sourcemap: 'linked',
      // Stack traces need names and lines; the sources themselves would double the bundle.
      sourcesContent: false,
      loader: { '.node': 'copy' },
      ...(format === 'esm' ? { banner: { js: commonJsInModule }, define: commonJsPaths } : {}),
      metafile: true,
      logLevel: 'silent',
    });
    const outputs = result.outputFiles.map((file) => ({
      path: relative(folder, file.path).split(sep).join('/'),
      bytes: file.contents,
    }));
    const main = Object.values(result.metafile.outputs).find((output) => output.entryPoint !== undefined);
    return {
      status: 'ok',
      bundled: { outputs, inputs: inputsOf(result.metafile, folder, projectFolder), exported: main?.exports },
      metafile: result.metafile,
    };
  } catch (error) {
    const problems = problemsOf(error, projectFolder, join(folder, entry.path));
    if (problems === undefined) throw error;
    return { status: 'wrong', problems };
  }
}

/** With the settings that esbuild reads on the way, whether they are there or not. */
function inputsOf(metafile: Metafile, folder: string, projectFolder: string): string[] {
  const read = Object.keys(metafile.inputs).map((path) => resolve(projectFolder, path.replace(/^\([^)]*\):/, '')));
  const settings = [folder, projectFolder].flatMap((place) => [
    join(place, 'tsconfig.json'),
    join(place, 'package.json'),
  ]);
  return [...new Set([...read, ...settings])].sort();
}

function problemsOf(error: unknown, projectFolder: string, entryPath: string): BundleProblem[] | undefined {
  if (!(error instanceof Error) || !('errors' in error) || !Array.isArray(error.errors)) return undefined;
  return (error.errors as Message[]).map(({ text, location, notes }) => ({
    file: location === null ? entryPath : resolve(projectFolder, location.file),
    // esbuild counts columns from 0, in bytes.
    at: {
      line: location?.line ?? 1,
      column:
        (location === null ? 0 : Buffer.from(location.lineText).subarray(0, location.column).toString().length) + 1,
    },
    message: unresolved(text, projectFolder) ?? [text, ...notes.map((note) => note.text)].join(' '),
  }));
}

/** esbuild's own advice is about esbuild's settings, which nobody sees here. */
function unresolved(text: string, projectFolder: string): string | undefined {
  const name = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  if (name === undefined) return undefined;
  if (/^[./#]/.test(name)) return `there is no ${name} to import`;
  const packageName = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
  return `the package ${packageName} is not installed: npm install ${packageName}, in ${projectFolder}`;
}
