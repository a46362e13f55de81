/** The files of a function that hold keys or tokens: they would be with everybody who may read its code. */
import { readFileSync } from 'node:fs';
import { globMatcher } from '../package/glob.ts';
import type { InputFile } from '../package/input-file.ts';
import { findSecrets, type FoundSecret } from './find-secrets.ts';

/** `source`: absolute. */
export type SecretInFile = FoundSecret & { path: string; source: string };

/** `allowed`: patterns of paths. Published packages are not looked at: what is in them is no secret. */
export function scanCode(
  files: readonly Pick<InputFile, 'path' | 'source'>[],
  allowed: readonly string[],
): SecretInFile[] {
  const isAllowed = allowed.map((pattern) => globMatcher(pattern));
  const installed = pythonPackages(files);
  return files.flatMap(({ path, source }) => {
    if (/(^|\/)node_modules\//.test(path) || /\/node_modules\//.test(source) || installed.has(path)) return [];
    if (isAllowed.some((matches) => matches(path))) return [];
    return findSecrets(readFileSync(source)).map((found) => ({ ...found, path, source }));
  });
}

/** What pip has put beside the code: each package lists its files. https://packaging.python.org/en/latest/specifications/recording-installed-packages/ */
function pythonPackages(files: readonly Pick<InputFile, 'path' | 'source'>[]): ReadonlySet<string> {
  const listed = new Set<string>();
  for (const { path, source } of files) {
    const [, folder = ''] = /^(.*?)[^/]+\.dist-info\/RECORD$/.exec(path) ?? [undefined, undefined];
    if (!path.endsWith('.dist-info/RECORD')) continue;
    for (const line of readFileSync(source, 'utf8').split('\n')) {
      const [name = ''] = /^"(?:[^"]|"")*"|^[^,]+/.exec(line) ?? [];
      listed.add(folder + name.replaceAll('"', ''));
    }
  }
  return listed;
}
