/** TypeScript, or JavaScript with its packages, to one file that Node runs, with a source map for its stack traces. */
import { join, relative, resolve, sep } from 'node:path';
import type { BuildOptions, Message, Metafile } from 'esbuild';
import type { runtimeFamilies, RuntimeName } from '../../util/runtime-names.ts';
import type { Position } from '../complaint.ts';
import { awsModules, onlyAwsLoadsLater } from './aws-modules.ts';
import type { Entry } from './find-entry.ts';
import { joinChunks } from './join-chunks.ts';

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

/** And the other way about, by names that nobody else gives to anything. Modules are strict, whatever they become. */
const moduleInCommonJs = `"use strict"; var import_meta_url = require('node:url').pathToFileURL(__filename).href, import_meta_filename = __filename, import_meta_dirname = __dirname;`;
const modulePaths = {
  'import.meta.url': 'import_meta_url',
  'import.meta.filename': 'import_meta_filename',
  'import.meta.dirname': 'import_meta_dirname',
};
/** esbuild's name for what of `import.meta` CommonJS does not have. */
const emptyMeta = 'empty-import-meta';

/**
 * Up to here a script keeps its lines. With a source map Node.js measures every line of what it loads, and V8 reads every byte
 * of it several times: white space was 2 of 15 ms of a megabyte's loading, most of which is packages.
 */
const linesBytesMax = 256 * 1024;

/** `script`: CommonJS as it was written. `module` and `module-as-script`: a module, strict in either form. */
type Form = 'script' | 'module' | 'module-as-script';

/**
 * CommonJS (`.cjs`), also where it was written as modules, because Node.js loads a large one in two thirds of the time; a
 * module (`.mjs`) where it must be one: `await` outside of functions, and what of `import.meta` has no counterpart.
 * Everything is bundled; nothing stays external but Node's own modules.
 */
export async function bundleEntry(
  folder: string,
  projectFolder: string,
  entry: Entry,
  runtime: RuntimeName,
): Promise<BundleResult> {
  const asModule = await build(folder, projectFolder, entry, runtime, 'module');
  if (asModule.status === 'wrong') return asModule;
  const isCommonJs = Object.values(asModule.metafile.inputs).some(
    (input) => input.format === 'cjs' && isEntry(asModule.metafile, input),
  );
  const isLarge = asModule.bundled.outputs.some(
    ({ path, bytes }) => path.endsWith('.mjs') && bytes.length > linesBytesMax,
  );
  const form = isCommonJs ? 'script' : 'module-as-script';
  const inChunks = !isCommonJs && onlyAwsLoadsLater(asModule.metafile) ? asModule.metafile : undefined;
  const asScript = await build(folder, projectFolder, entry, runtime, form, { minifyWhitespace: isLarge, inChunks });
  if (isCommonJs)
    return asScript.status === 'wrong'
      ? asScript
      : { status: 'ok', bundled: { ...asScript.bundled, exported: undefined } };
  const mustBeModule = asScript.status === 'wrong' || asScript.lacksMeta;
  if (mustBeModule) return { status: 'ok', bundled: asModule.bundled };
  return { status: 'ok', bundled: { ...asScript.bundled, exported: asModule.bundled.exported } };
}

const around: Readonly<Record<Form, Pick<BuildOptions, 'banner' | 'define'>>> = {
  script: {},
  module: { banner: { js: commonJsInModule }, define: commonJsPaths },
  'module-as-script': { banner: { js: moduleInCommonJs }, define: modulePaths },
};

function isEntry(metafile: Metafile, input: Metafile['inputs'][string]): boolean {
  return Object.values(metafile.outputs).some(
    (output) => output.entryPoint !== undefined && metafile.inputs[output.entryPoint] === input,
  );
}

/** `inChunks`: what says in which order the modules of a bundle that is made of chunks are evaluated. */
type Means = { minifyWhitespace: boolean; inChunks: Metafile | undefined };

const asWritten: Means = { minifyWhitespace: false, inChunks: undefined };

type BuildResult =
  | { status: 'ok'; bundled: Bundled; metafile: Metafile; lacksMeta: boolean }
  | { status: 'wrong'; problems: readonly BundleProblem[] };

async function build(
  folder: string,
  projectFolder: string,
  entry: Entry,
  runtime: RuntimeName,
  form: Form,
  { minifyWhitespace, inChunks }: Means = asWritten,
): Promise<BuildResult> {
  // Loaded when there is something to build: a deployment without changes does without it.
  const esbuild = await import('esbuild');
  try {
    const options = {
      absWorkingDir: projectFolder,
      entryPoints: [{ in: join(folder, entry.path), out: entry.module }],
      outdir: folder,
      outExtension: { '.js': form === 'module' ? '.mjs' : '.cjs' },
      bundle: true,
      write: false,
      platform: 'node',
      format: form === 'module' ? 'esm' : 'cjs',
      target: targets[runtime] ?? 'esnext',
      sourcemap: 'linked',
      // Stack traces need names and lines; the sources themselves would double the bundle.
      sourcesContent: false,
      loader: { '.node': 'copy' },
      plugins: [awsModules],
      minifyWhitespace,
      ...around[form],
      metafile: true,
      logLevel: 'silent',
    } as const satisfies BuildOptions;
    const result = await (inChunks === undefined ? esbuild.build(options) : joinChunks(esbuild, options, inChunks));
    const outputs = result.outputFiles.map((file) => ({
      path: relative(folder, file.path).split(sep).join('/'),
      bytes: file.contents,
    }));
    const main = Object.values(result.metafile.outputs).find((output) => output.entryPoint !== undefined);
    return {
      status: 'ok',
      bundled: { outputs, inputs: inputsOf(result.metafile, folder, projectFolder), exported: main?.exports },
      metafile: result.metafile,
      lacksMeta: result.warnings.some(({ id }) => id === emptyMeta),
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
