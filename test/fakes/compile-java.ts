/** Java sources for tests, to the class files of a bundle, against Lambda's interfaces as our runtime has them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { javaHomes, type JavaHome } from '../../src/sandbox/process/runtimes/java/java-homes.ts';

const core = join(import.meta.dirname, '../../src/sandbox/process/runtimes/java/inside/core');

/** The oldest that compiles: what it makes runs on every one. Undefined: there is none. */
export async function javaCompiler(): Promise<JavaHome | undefined> {
  return (await javaHomes()).find(({ compiles, major }) => compiles && major >= 9);
}

/** `files`: paths of sources. Answers class files by their paths in the bundle. */
export function compileJava(
  home: JavaHome,
  files: readonly string[],
  options: readonly string[] = [],
): Record<string, Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-java-'));
  try {
    const words = ['-Xlint:none', '-nowarn', '-sourcepath', core, '-implicit:none', ...options, '-d', folder, ...files];
    execFileSync(join(home.folder, 'bin/javac'), words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const classes = paths.filter((path) => statSync(join(folder, path)).isFile());
    return Object.fromEntries(classes.map((path) => [path, readFileSync(join(folder, path))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
