/** The file that a handler's name means. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runtimeFamily, type RuntimeFamily, type RuntimeName } from '../../util/runtime-names.ts';

export type Entry = {
  /** From the folder that is packed: `src/index.ts`. */
  path: string;
  /** Without its ending: `src/index`. */
  module: string;
  /** What is called in it: `handler`. */
  functionName: string;
};

export type EntryResult =
  | { status: 'found'; entry: Entry }
  | { status: 'missing'; looked: readonly string[]; problem: string };

const nodeEndings = ['.ts', '.mts', '.cts', '.tsx', '.mjs', '.js', '.cjs'];

/**
 * `src/index.handler` → `src/index.ts` …, the first that is there. As on Lambda: for Node and Ruby the first dot after
 * the last slash ends the file (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html), for Python the last one
 * does, and dots before it may stand for folders (https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html). Java
 * names a class (https://docs.aws.amazon.com/lambda/latest/dg/java-handler.html), which may be in any of the jars.
 */
export function findEntry(folder: string, runtime: RuntimeName, handler: string): EntryResult {
  const family = runtimeFamily(runtime);
  if (family === 'provided') {
    return isFile(folder, 'bootstrap')
      ? { status: 'found', entry: { path: 'bootstrap', module: 'bootstrap', functionName: '' } }
      : { status: 'missing', looked: ['bootstrap'], problem: `${runtime} runs an executable file named bootstrap` };
  }
  const { pattern, accepted, example, candidates } = conventions[family];
  const [, module, functionName = 'handleRequest'] = pattern.exec(handler) ?? [];
  if (module === undefined) {
    const problem = `found '${handler}'; ${accepted} is accepted. Write ${example(handler)}`;
    return { status: 'missing', looked: [], problem };
  }
  if (module.startsWith('/') || module.split('/').includes('..')) {
    const problem = `found '${handler}', which lies outside the folder that is packed; a file in it is accepted`;
    return { status: 'missing', looked: [], problem };
  }
  const looked = candidates(module);
  const path = [...looked, ...(family === 'java' ? jars(folder) : [])].find((candidate) => isFile(folder, candidate));
  if (path !== undefined) return { status: 'found', entry: { path, module, functionName } };
  return { status: 'missing', looked, problem: `no file for ${handler}` };
}

type Convention = {
  /** The file (or class), and what is called in it. */
  pattern: RegExp;
  accepted: string;
  example(handler: string): string;
  candidates(module: string): string[];
};

const fileAndFunction = 'a file without its ending, a dot and a function in it';

const conventions: Readonly<Record<Exclude<RuntimeFamily, 'provided'>, Convention>> = {
  nodejs: {
    pattern: /^((?:.*\/)?[^./]+)\.([^/]+)$/,
    accepted: fileAndFunction,
    example: (handler) => `${handler}.handler`,
    candidates: (module) => nodeEndings.map((ending) => module + ending),
  },
  python: {
    pattern: /^(.+)\.([^./]+)$/,
    accepted: fileAndFunction,
    example: (handler) => `${handler}.lambda_handler`,
    candidates: pythonCandidates,
  },
  ruby: {
    pattern: /^((?:.*\/)?[^./]+)\.((?:[A-Za-z_][\w:]*\.)?\w+[?!]?)$/,
    accepted: `${fileAndFunction} (or a class, a dot and its method)`,
    example: (handler) => `${handler}.lambda_handler`,
    candidates: (module) => [`${module}.rb`],
  },
  java: {
    pattern: /^([\w$]+(?:\.[\w$]+)*)(?:::(\w+))?$/u,
    accepted: 'a class with its package, and two colons and a method unless it is handleRequest,',
    example: () => 'example.Hello::handleRequest',
    candidates: (module) => [`${module.replaceAll('.', '/')}.class`],
  },
};

/** At the root, and where Lambda looks for them. */
function jars(folder: string): string[] {
  return ['', 'lib/'].flatMap((place) => {
    const inside = join(folder, place);
    if (statSync(inside, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    return readdirSync(inside)
      .filter((name) => name.endsWith('.jar'))
      .sort()
      .map((name) => place + name);
  });
}

function pythonCandidates(module: string): string[] {
  const bases = [...new Set([module, module.replaceAll('.', '/')])];
  return bases.flatMap((base) => [`${base}.py`, `${base}/__init__.py`]);
}

function isFile(folder: string, path: string): boolean {
  return statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() ?? false;
}

export function isTypeScript(path: string): boolean {
  return /\.(?:ts|mts|cts|tsx)$/.test(path);
}
