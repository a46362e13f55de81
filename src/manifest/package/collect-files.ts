/** The files of a folder that go into a bundle. */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { limits } from '../../util/limits.ts';
import { globMatcher, isLiteral, staticFolder } from './glob.ts';
import { isIgnoredFile, isIgnoredFolder } from './ignored.ts';
import { inputFile, type InputFile } from './input-file.ts';

export type Collected = { files: InputFile[]; /** Why some cannot be packed. */ problems: string[] };

/** Links from folder to folder: a chain that is longer goes in circles. */
const depthMax = 64;

/**
 * `patterns`: the last one that matches a path decides (`!` leaves out); absent: everything. node_modules is never
 * walked into unless a pattern speaks of it: needed-packages.ts knows what of it is needed.
 */
export function collectFiles(folder: string, projectFolder: string, patterns?: readonly string[]): Collected {
  const rules = patterns?.map((pattern) => {
    const positive = pattern.replace(/^!/, '');
    return {
      includes: positive === pattern,
      literal: isLiteral(positive) && positive === pattern,
      matches: globMatcher(positive),
    };
  });
  const speaksOfPackages =
    patterns?.some((pattern) => !pattern.startsWith('!') && pattern.includes('node_modules')) ?? false;
  const project = realpathSync(projectFolder);
  const files = new Map<string, InputFile>();
  const problems: string[] = [];

  const wants = (path: string): boolean => {
    if (rules === undefined) return !isIgnoredFile(path);
    const last = rules.findLast((rule) => rule.matches(path));
    return last !== undefined && last.includes && (last.literal || !isIgnoredFile(path));
  };
  /** Named as it is, or lying below what is named. */
  const isNamed = (path: string): boolean => rules?.some((rule) => rule.literal && rule.matches(path)) ?? false;

  const visit = (path: string, source: string, depth: number): void => {
    if (files.size > limits.bundleFilesMax) return;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const real = realpathOf(source);
    if (real === undefined) {
      if (wants(path)) problems.push(`${path} is a link to nothing; remove it or leave it out with '!${path}'`);
      return;
    }
    const stats = statSync(real, { bigint: true });
    if (stats.isDirectory()) {
      const skipped = (isIgnoredFolder(name) && !isNamed(path)) || (name === 'node_modules' && !speaksOfPackages);
      if (!skipped) walk(path, source, depth);
      return;
    }
    if (!wants(path)) return;
    if (real !== project && !real.startsWith(project + sep)) {
      problems.push(
        `${path} is a link to ${real}, outside the project; copy the file into it, or leave it out with '!${path}'`,
      );
    } else if (!stats.isFile()) {
      problems.push(`${path} is neither a file nor a folder; leave it out with '!${path}'`);
    } else {
      files.set(path, inputFile(path, source, stats));
    }
  };

  const walk = (path: string, source: string, depth: number): void => {
    if (depth > depthMax) {
      problems.push(`${path} lies ${depthMax} folders deep: a link goes in circles; leave it out with '!${path}'`);
      return;
    }
    const names = readdirSync(source).sort();
    // A Python environment: interpreters and packages for this machine, linked to outside.
    if (names.includes('pyvenv.cfg')) return;
    for (const name of names) visit(path === '' ? name : `${path}/${name}`, join(source, name), depth + 1);
  };

  for (const start of startsOf(patterns)) {
    const source = join(folder, start);
    if (realpathOf(source) !== undefined && statSync(source).isDirectory()) walk(start, source, 0);
  }
  if (files.size > limits.bundleFilesMax) problems.push(`there are more than ${limits.bundleFilesMax} files`);
  return { files: [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), problems };
}

/** The folders to walk, none inside another. */
function startsOf(patterns: readonly string[] | undefined): string[] {
  const starts = new Set((patterns ?? ['**']).filter((pattern) => !pattern.startsWith('!')).map(staticFolder));
  return [...starts].filter(
    (start) => ![...starts].some((other) => other !== start && (other === '' || start.startsWith(`${other}/`))),
  );
}

function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** A file's path in messages: from the project's folder, with `/`. */
export function shownPath(projectFolder: string, path: string): string {
  return relative(projectFolder, path).split(sep).join('/') || '.';
}
