/**
 * Our runtime for Java, compiled on this machine, and an archive of its classes with which a virtual machine starts
 * faster. Done when the first environment is started, once for each version of either.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runtimeRoot } from '../variables.ts';
import type { JavaHome } from './java-homes.ts';

const run = promisify(execFile);

/** The oldest Java that Lambda still runs: what is compiled for it runs on all of them. */
const release = '8';
/** Seconds on a machine that has nothing else to do. */
const compileMsMax = 120_000;

const sources = join(import.meta.dirname, 'inside');
const jar = 'mayfly-runtime.jar';
const archive = 'mayfly-runtime.jsa';

/** Quick to start, and without threads that a fraction of a processor does not need, as on Lambda. An archive is good for the collector that it was made with. */
const flags = [
  '-XX:+UseSerialGC',
  '-XX:+TieredCompilation',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
  // It would write them to the function's /tmp.
  '-XX:-UsePerfData',
];

/** It opens what is closed otherwise: a channel has no path to be opened by, and variables are read once. As an option, it would spoil the archive. */
const manifest = 'Main-Class: mayfly.runtime.Main\nAdd-Opens: java.base/java.io java.base/java.lang\n';

/** Shown at `runtimeRoot`. */
export async function javaRuntimeFolder(projectRoot: string, home: JavaHome): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([home.folder, home.version, release, flags, manifest]));
  for (const file of await sourceFiles()) hash.update(file).update(await readFile(join(sources, file)));
  const name = `java-${home.version}-${hash.digest('hex').slice(0, 16)}`;
  return join(projectRoot, 'node_modules', '.cache', 'mayfly', name);
}

/** What starts it, given what `javaRuntimeFolder` and `buildJavaRuntime` have made; `more`: further flags. */
export function javaCommand(home: JavaHome, folder: string, more: readonly string[]): string[] {
  const isArchived = existsSync(join(folder, archive));
  const archived = isArchived ? [`-XX:SharedArchiveFile=${runtimeRoot}/${archive}`] : [];
  return [...java(home), ...archived, ...more, ...program];
}

const java = (home: JavaHome): string[] => [join(home.folder, 'bin', 'java'), ...flags];
const program = ['-jar', `${runtimeRoot}/${jar}`];

/** Nothing happens when it is there. */
export async function buildJavaRuntime(folder: string, home: JavaHome, compiler: JavaHome): Promise<void> {
  if (existsSync(folder)) return;
  const cache = join(folder, '..');
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'java-draft-'));
  try {
    await chmod(draft, 0o755);
    await compile(compiler, draft);
    await rehearse(home, draft).catch(() => undefined);
    // Another platform of this checkout may have been faster.
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function sourceFiles(): Promise<string[]> {
  return (await readdir(sources, { recursive: true })).filter((name) => /\.(java|mjs)$/.test(name)).sort();
}

async function compile(compiler: JavaHome, draft: string): Promise<void> {
  const tool = (name: string): string => join(compiler.folder, 'bin', name);
  const bounds = { cwd: sources, timeout: compileMsMax };
  const options = ['--release', release, '-Xlint:-options', '-encoding', 'UTF-8', '-proc:none'];
  const classes = join(draft, 'classes');
  const files = (await sourceFiles()).filter((name) => name.endsWith('.java'));
  await run(tool('javac'), [...options, '-d', classes, ...files], bounds);
  const manifestFile = join(draft, 'manifest');
  await writeFile(manifestFile, manifest);
  const words = ['--create', '--file', join(draft, jar), '--manifest', manifestFile, '-C', classes, 'mayfly'];
  await run(tool('jar'), words, bounds);
  // Lambda's interfaces are in a place of their own: the last at which a function's class loader looks.
  await mkdir(join(draft, 'core'));
  await rename(join(classes, 'com'), join(draft, 'core', 'com'));
  await rm(classes, { recursive: true });
  await copyFile(join(sources, 'hand-over.mjs'), join(draft, 'hand-over.mjs'));
}

/**
 * Makes the archive. The jar must be where it will be, since the virtual machine compares paths. From Java 13 on
 * (https://openjdk.org/jeps/350); without an archive it starts a little slower.
 */
async function rehearse(home: JavaHome, draft: string): Promise<void> {
  const places = ['--ro-bind', '/', '/', '--dev', '/dev', '--tmpfs', '/var', '--bind', draft, runtimeRoot];
  const command = [...java(home), `-XX:ArchiveClassesAtExit=${runtimeRoot}/${archive}`, ...program, '--rehearse'];
  await run('bwrap', [...places, ...command], { timeout: compileMsMax });
}
