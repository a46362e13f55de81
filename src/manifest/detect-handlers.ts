/**
 * Which files of a folder look like functions: for deploying without a manifest, and for writing one. It reads text and
 * runs nothing; what it cannot tell it leaves out.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeName } from '../util/runtime-names.ts';
import { isIgnoredFile } from './package/ignored.ts';

export type Detected = {
  /** In the folder: `hello.py`. */
  file: string;
  runtime: Extract<RuntimeName, 'python' | 'ruby' | 'provided' | 'nodejs26.x'>;
  /** `hello.lambda_handler`; `bootstrap`. */
  handler: string;
};

/** A folder with more is no folder with one handler. */
const filesMax = 500;
const fileBytesMax = 1024 * 1024;
const notHandlers =
  /\.d\.[cm]?ts$|\.(?:test|spec|config)\.[^.]+$|^(?:test_.*|.*_test|conftest|setup|noxfile|manage)\.py$|^(?:test_.*|.*_test|.*_spec)\.rb$/;

/** In `folder` itself, not below it. */
export function detectHandlers(folder: string): Detected[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return names
    .slice(0, filesMax)
    .flatMap((name) => (isIgnoredFile(name) || notHandlers.test(name) ? [] : detectHandlersIn(folder, name)));
}

/** Every function in one file that looks like a handler: only the best known name, if there is one. */
export function detectHandlersIn(folder: string, file: string): Detected[] {
  const stats = statSync(join(folder, file), { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || stats.size > fileBytesMax) return [];
  if (file === 'bootstrap')
    return (stats.mode & 0o111) === 0 ? [] : [{ file, runtime: 'provided', handler: 'bootstrap' }];
  const extension = /\.(py|rb|[cm]?[jt]s|tsx)$/.exec(file)?.[1];
  if (extension === undefined) return [];
  const text = readFileSync(join(folder, file), 'utf8');
  const stem = file.slice(0, -extension.length - 1);
  // Lambda's names have no dot in the file.
  if (stem.includes('.')) return [];
  const { runtime, handlersIn } = languages[extension] ?? languages.js;
  return preferred(handlersIn(text)).map((name) => ({ file, runtime, handler: `${stem}.${name}` }));
}

type Language = { runtime: Detected['runtime']; handlersIn(text: string): string[] };

/** By the file's ending; all others are JavaScript's. */
const languages: Readonly<Record<string, Language>> & { js: Language } = {
  py: { runtime: 'python', handlersIn: pythonHandlers },
  rb: { runtime: 'ruby', handlersIn: rubyHandlers },
  js: { runtime: 'nodejs26.x', handlersIn: nodeHandlers },
};

/** Names that mean a handler wherever they stand. */
const knownNames = ['handler', 'lambda_handler', 'default'];

function preferred(names: readonly string[]): string[] {
  const known = knownNames.find((name) => names.includes(name));
  return known === undefined ? [...new Set(names)] : [known];
}

/** `def anything(event, context)`; for the known names the parameters' names do not matter. */
function pythonHandlers(text: string): string[] {
  const definitions = text.matchAll(/^(?:async\s+)?def\s+(\w+)\s*\(\s*(\w+)[^,)]*,\s*(\w+)[^,)]*\)/gmu);
  return [...definitions].flatMap(([, name = '', first = '', second = '']) => {
    const isHandler = knownNames.includes(name) || (/^_?events?$/.test(first) && /^_?(?:context|ctx|_)$/.test(second));
    return isHandler ? [name] : [];
  });
}

/** `def anything(event:, context:)` at the start of a line: no method of a class. */
function rubyHandlers(text: string): string[] {
  return [...text.matchAll(/^def\s+(\w+[?!]?)\s*\(?\s*event:\s*,\s*context:/gm)].map(([, name = '']) => name);
}

function nodeHandlers(text: string): string[] {
  const code = text.replaceAll(/^\s*\/\/.*$/gm, '');
  const found: string[] = [];
  if (/^export\s+(?:async\s+)?(?:function\s*\*?|const|let|var)\s+handler\b/m.test(code)) found.push('handler');
  if (/^export\s*\{[^}]*\bhandler\b[^}]*\}/m.test(code)) found.push('handler');
  if (/^(?:module\.)?exports\.handler\s*=/m.test(code) || /^module\.exports\s*=\s*\{[^}]*\bhandler\b/m.test(code))
    found.push('handler');
  if (/^export\s+default\s*\{/m.test(code) && /\bfetch\s*[(:,]|\basync\s+fetch\b/.test(code)) found.push('default');
  return found;
}
