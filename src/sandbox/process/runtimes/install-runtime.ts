/** Brings a runtime to this machine: from the distribution's packages, or from npm; otherwise says what to do by hand. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { RuntimeName } from '../../../util/runtime-names.ts';
import type { InstallOutcome } from '../../sandbox.ts';
import { LineSplitter } from '../environment/line-splitter.ts';
import { allRuntimes } from './all-runtimes.ts';
import type { Installed, Runtime } from './runtime.ts';

/** A JDK over a slow line. */
const installMsMax = 15 * 60_000;
/** The last of what an installer printed, for the error. */
const linesMax = 5;
const aptGet = '/usr/bin/apt-get';

/** `progress`: what is going on, in a line each time. `isRoot`: we may install packages. */
export async function installRuntime(
  name: RuntimeName,
  { projectRoot, progress, isRoot }: { projectRoot: string; progress: (line: string) => void; isRoot: boolean },
): Promise<InstallOutcome> {
  const runtime = allRuntimes(projectRoot).find((one) => one.name === name);
  if (runtime === undefined) return { status: 'by_hand', what: `there is no runtime ${name}` };
  const found = await runtime.find();
  if (!('missing' in found)) return made('present', found, progress);
  const { debianPackages } = found;
  if (debianPackages === undefined) return byNpm(runtime, projectRoot, progress);
  const command = ['apt-get', 'install', '--yes', '--no-install-recommends', ...debianPackages];
  if (!existsSync(aptGet)) {
    const what = `${found.missing}, and this machine has no apt-get: bring what Debian calls ${debianPackages.join(', ')} with its own package manager`;
    return { status: 'by_hand', what };
  }
  if (!isRoot) return { status: 'by_hand', what: `as root, run: ${command.join(' ')}` };
  return byApt(runtime, { missing: found.missing, packages: debianPackages }, progress);
}

async function byApt(
  runtime: Runtime,
  { missing, packages }: { missing: string; packages: readonly string[] },
  progress: (line: string) => void,
): Promise<InstallOutcome> {
  const words = ['install', '--yes', '--no-install-recommends', ...packages];
  let printed = await run(aptGet, words, '/', progress);
  if (printed !== undefined && /Unable to locate|has no installation candidate|404 /.test(printed)) {
    // The lists of packages may be old, or never have been fetched.
    await run(aptGet, ['update'], '/', progress);
    printed = await run(aptGet, words, '/', progress);
  }
  if (printed === undefined) return verified(runtime, progress);
  if (/Unable to locate|has no installation candidate|Couldn't find any package/.test(printed)) {
    const what = `${missing}, and this distribution has no package ${packages.join(', ')}: bring it there yourself, or use another version ('mayfly runtimes' lists them)`;
    return { status: 'by_hand', what };
  }
  return { status: 'by_hand', what: `apt-get ${words.join(' ')} failed: ${printed}` };
}

/** A package that has been taken away: npm puts back what the lock file says, and touches nothing else. */
async function byNpm(runtime: Runtime, projectRoot: string, progress: (line: string) => void): Promise<InstallOutcome> {
  const words = ['install', '--no-save', '--no-audit', '--no-fund'];
  const printed = await run('npm', words, projectRoot, progress);
  if (printed === undefined) return verified(runtime, progress);
  return { status: 'by_hand', what: `in ${projectRoot}, run: npm ci (npm said: ${printed})` };
}

async function verified(runtime: Runtime, progress: (line: string) => void): Promise<InstallOutcome> {
  const found = await runtime.find();
  if ('missing' in found) return { status: 'by_hand', what: `it was installed, and still ${found.missing}` };
  return made('installed', found, progress);
}

async function made(
  status: 'present' | 'installed',
  { version, from, build }: Installed,
  progress: (line: string) => void,
): Promise<InstallOutcome> {
  if (build !== undefined) {
    progress('compiling what of Mayfly runs in it');
    await build.make();
  }
  return { status, version, from };
}

/** Undefined: it went well; otherwise the last that it printed. */
async function run(
  program: string,
  words: readonly string[],
  folder: string,
  progress: (line: string) => void,
): Promise<string | undefined> {
  progress([program.split('/').at(-1), ...words].join(' '));
  const last: string[] = [];
  const lines = new LineSplitter((line) => {
    last.push(line);
    if (last.length > linesMax) last.shift();
    progress(line);
  });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const child = spawn(program, words, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    timeout: installMsMax,
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Uint8Array) => lines.push(chunk));
  child.on('error', (error) => resolve(error.message));
  child.on('close', (code) => {
    lines.flush();
    resolve(code === 0 ? undefined : last.join(' / '));
  });
  return promise;
}
