/** The file that a handler's name means. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeName } from '../../registry/function.ts';

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
 * `src/index.handler` → `src/index.ts` …, the first that is there. As on Lambda: for Node the first dot after the last
 * slash ends the file (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html), for Python the last one does, and
 * dots before it may stand for folders (https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html).
 */
export function findEntry(folder: string, runtime: RuntimeName, handler: string): EntryResult {
  if (runtime === 'provided') {
    return isFile(folder, 'bootstrap')
      ? { status: 'found', entry: { path: 'bootstrap', module: 'bootstrap', functionName: '' } }
      : { status: 'missing', looked: ['bootstrap'], problem: 'provided runs an executable file named bootstrap' };
  }
  const split = runtime === 'python' ? /^(.+)\.([^./]+)$/.exec(handler) : /^((?:.*\/)?[^./]+)\.([^/]+)$/.exec(handler);
  const module = split?.[1];
  const functionName = split?.[2];
  if (module === undefined || functionName === undefined) {
    const example = runtime === 'python' ? `${handler}.lambda_handler` : `${handler}.handler`;
    return {
      status: 'missing',
      looked: [],
      problem: `found '${handler}'; a file without its ending, a dot and a function in it is accepted. Write ${example}`,
    };
  }
  if (module.startsWith('/') || module.split('/').includes('..')) {
    const problem = `found '${handler}', which lies outside the folder that is packed; a file in it is accepted`;
    return { status: 'missing', looked: [], problem };
  }
  const looked = runtime === 'python' ? pythonCandidates(module) : nodeEndings.map((ending) => module + ending);
  const path = looked.find((candidate) => isFile(folder, candidate));
  if (path !== undefined) return { status: 'found', entry: { path, module, functionName } };
  return { status: 'missing', looked, problem: `no file for ${handler}` };
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
