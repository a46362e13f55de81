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
import { archiveRoot, runtimeRoot } from '../variables.ts';
import type { JavaHome } from './java-homes.ts';

const run = promisify(execFile);

/** The oldest Java that Lambda still runs: what is compiled for it runs on all of them. */
const release = '8';
/** Seconds on a machine that has nothing else to do. */
const compileMsMax = 120_000;

const sources = join(import.meta.dirname, 'inside');
const jar = 'mayfly-runtime.jar';
const archive = 'mayfly-runtime.jsa';
/** The first Java that makes an archive while it runs (https://bugs.openjdk.org/browse/JDK-8259070). */
const recordingMajorMin = 17;

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

/** Of the files that hold what a version's classes have become, as `ClassArchives` shows them. */
const classesFile = 'classes';

/**
 * What starts it, given what `javaRuntimeFolder` and `buildJavaRuntime` have made; `more`: further flags. `classes`: it is to
 * make an archive of a function's classes, or starts with one at `archiveRoot`. There is room for one: that has our classes, too.
 */
export function javaCommand(
  home: JavaHome,
  folder: string,
  more: readonly string[],
  classes?: 'record' | 'use',
): string[] {
  return [...java(home), ...archiveFlags(folder, classes), ...more, ...program];
}

function archiveFlags(folder: string, classes: 'record' | 'use' | undefined): string[] {
  switch (classes) {
    case 'record':
      // The second: what has the archive made, which nobody else may use. The third: it would say of each class why it is left out.
      return ['-XX:+RecordDynamicDumpInfo', '--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED', '-Xlog:disable'];
    case 'use':
      // Where it does not suit, it starts without, and says nothing in the function's log.
      return [`-XX:SharedArchiveFile=${archiveRoot}/${classesFile}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off'];
    case undefined:
      return existsSync(join(folder, archive)) ? [`-XX:SharedArchiveFile=${runtimeRoot}/${archive}`] : [];
  }
}

export const recordsClasses = ({ major }: JavaHome): boolean => major >= recordingMajorMin;

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
