/**
 * Whether a project's TypeScript is right, which esbuild does not ask: it only takes the types out. The compiler is the
 * project's own where it has one, and ours otherwise; it runs beside us and writes nothing but its cache.
 *
 * What is checked are the functions' entries and what they import, by the settings of the tsconfig.json nearest to each:
 * tests and tools of the project are no part of a deployment. docs/decisions/043-checking-types.md
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { PlatformError } from '../util/errors.ts';
import { besideManifest } from './beside-manifest.ts';
import type { Complaint } from './complaint.ts';
import { ownFolder } from './own-folder.ts';

/** The largest projects that people speak of take a minute, the first time. */
const checkMsMax = 300_000;
/** A hundred thousand errors. */
const outputBytesMax = 16 * 1024 * 1024;
/** More are not read at once. */
const complaintsMax = 30;

type Project = {
  /** Absolute. */
  folder: string;
  /** The manifest, as complaints name it. */
  file: string;
};

type Compiler = { program: string; version: string; isOwn: boolean };

/**
 * `entries`: absolute paths of the files that are TypeScript. Empty: nothing is wrong. Rejects with `unavailable` when
 * the compiler cannot be run, and with an AbortError when `signal` says so.
 */
export async function checkTypes(
  project: Project,
  entries: readonly string[],
  signal?: AbortSignal,
): Promise<readonly Complaint[]> {
  const groups = Map.groupBy(new Set(entries), (entry) => nearestConfig(dirname(entry), project.folder));
  const complaints: Complaint[] = [];
  for (const [config, files] of groups) complaints.push(...(await checkGroup(project, config, files, signal)));
  // Two functions that import one file say the same of it.
  const distinct = [...new Map(complaints.map((complaint) => [JSON.stringify(complaint), complaint])).values()];
  const [last, ...left] = distinct.slice(complaintsMax - 1);
  if (last === undefined || left.length === 0) return distinct;
  return [...distinct.slice(0, complaintsMax - 1), { ...last, message: `${last.message} … and ${left.length} more` }];
}

async function checkGroup(
  project: Project,
  config: string | undefined,
  files: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Complaint[]> {
  const compiler = compilerFor(project.folder, config);
  const made = writeConfig(project, config, files, compiler);
  const args = [compiler.program, '-p', made, '--pretty', 'false'];
  const options = { cwd: project.folder, timeout: checkMsMax, maxBuffer: outputBytesMax, signal };
  return new Promise((fulfil, reject) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error === null) return fulfil([]);
      if (signal?.aborted === true) return reject(error);
      const complaints = parseErrors(stdout, project, config);
      if (complaints.length > 0) return fulfil(complaints);
      const said = `${stderr}${stdout}`.trim().slice(0, 1_000) || error.message;
      const what = `TypeScript ${compiler.version} (${compiler.program}) could not check the types`;
      reject(new PlatformError('unavailable', `${what}: ${said}. --no-check deploys without`, { cause: error }));
    });
  });
}

/** The tsconfig.json of `folder`, or of the nearest folder above it that is still in the project. */
function nearestConfig(folder: string, projectFolder: string): string | undefined {
  const path = join(folder, 'tsconfig.json');
  if (existsSync(path)) return path;
  const above = dirname(folder);
  return folder === projectFolder || above === folder ? undefined : nearestConfig(above, projectFolder);
}

/** From this version on it knows our defaults. */
const ownVersionMin = [5, 4] as const;

function compilerFor(projectFolder: string, config: string | undefined): Compiler {
  const own = compilerFrom(join(projectFolder, 'package.json'), true);
  const [major = 0, minor = 0] = own?.version.split('.').map(Number) ?? [];
  const knowsDefaults = major > ownVersionMin[0] || (major === ownVersionMin[0] && minor >= ownVersionMin[1]);
  if (own !== undefined && (config !== undefined || knowsDefaults)) return own;
  const ours = compilerFrom(import.meta.filename, false);
  if (ours !== undefined) return ours;
  throw new PlatformError(
    'unavailable',
    'the package typescript is not installed: npm ci, in the folder of Mayfly, or deploy with --no-check',
  );
}

function compilerFrom(file: string, isOwn: boolean): Compiler | undefined {
  let found: string;
  try {
    found = createRequire(file).resolve('typescript/package.json');
  } catch {
    return undefined;
  }
  const { version } = JSON.parse(readFileSync(found, 'utf8')) as { version: string };
  return { program: join(dirname(found), 'bin', 'tsc'), version, isOwn };
}

/** Ours, for a project without @types/node of its own. */
const ourTypes = resolve(import.meta.dirname, '../../node_modules/@types');

/**
 * Without a tsconfig.json: strict, except that a parameter may go without a type (`async (event) => …`), and modules as
 * esbuild finds them.
 */
const defaults = {
  strict: true,
  noImplicitAny: false,
  target: 'esnext',
  lib: ['esnext'],
  module: 'preserve',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  esModuleInterop: true,
  jsx: 'react',
  skipLibCheck: true,
};

/** Folders in which tools put what they make: declarations in them are copies. */
const madeByTools = ['node_modules', 'dist', 'build', 'out', 'coverage'];

const cacheFolder = ({ folder }: Project): string => join(ownFolder(folder), 'cache', 'types');

/** The settings of one group, in the project's cache folder. Answers its path. */
function writeConfig(
  project: Project,
  config: string | undefined,
  files: readonly string[],
  compiler: Compiler,
): string {
  const folder = cacheFolder(project);
  mkdirSync(folder, { recursive: true });
  const name = createHash('sha256').update(`${config}`).digest('hex').slice(0, 16);
  const write = (path: string, value: unknown): string => {
    writeFileSync(path, JSON.stringify(value));
    return path;
  };
  // TypeScript 7 brings in no types by itself, as the versions did that most tsconfig.json were written for.
  const nodeTypes = { types: ['node'], typeRoots: [join(project.folder, 'node_modules', '@types'), ourTypes] };
  const below =
    config === undefined || compiler.isOwn
      ? []
      : [write(join(folder, 'node-types.json'), { compilerOptions: nodeTypes })];
  return write(join(folder, `${name}.json`), {
    ...(config === undefined ? {} : { extends: below.length === 0 ? config : [...below, config] }),
    compilerOptions: {
      ...(config === undefined ? { ...defaults, ...nodeTypes } : {}),
      noEmit: true,
      // What goes with writing files, or with a project that must name all of its own.
      composite: false,
      declarationMap: false,
      emitDeclarationOnly: false,
      incremental: true,
      tsBuildInfoFile: join(folder, `${name}.tsbuildinfo`),
    },
    files: files.toSorted(),
    // Declarations of what is there for all files.
    include: [join(project.folder, '**', '*.d.ts')],
    exclude: madeByTools.map((made) => `${project.folder}/**/${made}`),
  });
}

type Place = { file: string; line: number; column: number };

/**
 * Of what is wrong with the settings, and shown in our file that extends them: where the user's name the option, in
 * characters of `config`, or else its beginning.
 */
function placeInConfig(config: string, message: string): Place {
  const text = readFileSync(config, 'utf8');
  const options = [...message.matchAll(/'(\w+)(?:=[^']*)?'/g)].map(([, name]) => text.indexOf(`"${name}"`));
  const before = text.slice(0, options.find((index) => index >= 0) ?? 0).split('\n');
  return { file: config, line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** `src/a.ts(3,49): error TS2322: Type …`, with further lines indented; without a place what is wrong with the settings. */
function parseErrors(output: string, project: Project, config: string | undefined): Complaint[] {
  const complaints: Complaint[] = [];
  /** Whether it is our file that is complained of: what is advised is relative to that. */
  let isOurs = false;
  const said = (text: string): string =>
    isOurs && config !== undefined
      ? text.replaceAll(`${relative(cacheFolder(project), dirname(config))}/`, './')
      : text;
  for (const line of output.split(/\r?\n/)) {
    const found = /^(?:(.+)\((\d+),(\d+)\): )?error (TS\d+): (.*)$/.exec(line);
    const last = complaints.at(-1);
    if (found !== null) {
      const [, path, row = '1', column = '1', code = '', text = ''] = found;
      const file = path === undefined ? (config ?? project.folder) : resolve(project.folder, path);
      isOurs = dirname(file) === cacheFolder(project);
      const place: Place =
        isOurs && config !== undefined
          ? placeInConfig(config, text)
          : { file, line: Number(row), column: Number(column) };
      complaints.push({ ...place, file: besideManifest(project, place.file), field: code, message: said(text) });
    } else if (last !== undefined && /^\s+\S/.test(line)) {
      complaints[complaints.length - 1] = { ...last, message: `${last.message} ${said(line.trim())}` };
    }
  }
  return complaints;
}
