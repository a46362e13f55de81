/** Java from the distribution's packages, with our runtime (inside/) around the function's code. */
import { access, constants } from 'node:fs/promises';
import { runtimeFamilies } from '../../../../util/runtime-names.ts';
import { FramedConversation } from '../framed-conversation.ts';
import { nodeBinary, nodeInside } from '../node/node-runtime.ts';
import { reasonOf } from '../reason-of.ts';
import type { Installed, Missing, Runtime } from '../runtime.ts';
import { runtimeRoot } from '../variables.ts';
import { buildJavaRuntime, javaCommand, javaRuntimeFolder, recordsClasses } from './build-java-runtime.ts';
import { javaHomes, type JavaHome } from './java-homes.ts';

/** As few as for Python: it does not give them back while a handler blocks. */
const aheadMax = 4;

/** The package that `java` means where there is none: the one that current Debian has. */
const usualMajor = 17;

/** Of memory, what the heap may have; the rest is for classes, compiled code and threads, which small functions need as well. */
const heapShare = 0.75;
const besidesHeapMbMin = 56;

/** Each name by the lowest Java that runs its classes; `java` by the highest there is. */
export function javaRuntimes(projectRoot: string): Runtime[] {
  const builds = new Map<string, Promise<void>>();
  /** Once for each home, whatever the names that it runs. One that failed is tried again. */
  const build = (folder: string, home: JavaHome, compiler: JavaHome): Promise<void> => {
    const known = builds.get(folder);
    if (known !== undefined) return known;
    const building = buildJavaRuntime(folder, home, compiler);
    builds.set(folder, building);
    building.catch(() => builds.delete(folder));
    return building;
  };
  return runtimeFamilies.java.map((name) => {
    const major = name === 'java' ? undefined : Number(/\d+/.exec(name)?.[0]);
    return {
      name,
      makesTemplates: 'class-archive',
      find: () => findJava(major, projectRoot, build),
      converse: (process, heard) => new FramedConversation(process, heard, { aheadMax }),
    };
  });
}

type Build = (folder: string, home: JavaHome, compiler: JavaHome) => Promise<void>;

async function findJava(major: number | undefined, projectRoot: string, build: Build): Promise<Installed | Missing> {
  const homes = await javaHomes();
  const home = major === undefined ? homes.at(-1) : homes.find((one) => one.major >= major);
  if (home === undefined) {
    const there = homes.map(({ version }) => version).join(', ');
    const wanted = major === undefined ? 'there is no Java' : `there is no Java of version ${major} or later`;
    return {
      missing: `${wanted} in /usr/lib/jvm${there === '' ? '' : `, only ${there}`}`,
      debianPackages: [`openjdk-${major ?? usualMajor}-jdk-headless`],
    };
  }
  const compiler = homes.find((one) => one.compiles && one.major >= 9);
  if (compiler === undefined) {
    return {
      missing: `${home.folder} has no javac, with which our runtime is compiled once`,
      debianPackages: [`openjdk-${Math.max(home.major, usualMajor)}-jdk-headless`],
    };
  }
  const node = nodeBinary('nodejs26.x', projectRoot);
  try {
    await access(node, constants.X_OK);
  } catch (error) {
    return { missing: `${node}, which opens its endpoint, cannot be run (${reasonOf(error)}): run 'npm ci' there` };
  }
  const folder = await javaRuntimeFolder(projectRoot, home);
  return {
    version: home.version,
    from: home.folder,
    build: { identity: folder, make: () => build(folder, home, compiler) },
    command: (memoryMb) => inShell(javaCommand(home, folder, furtherFlags(memoryMb))),
    ...(recordsClasses(home) && {
      withClasses: (memoryMb, how) => inShell(javaCommand(home, folder, furtherFlags(memoryMb), how)),
    }),
    mounts: [
      { from: folder, to: runtimeRoot },
      { from: node, to: nodeInside },
    ],
  };
}

/**
 * The endpoint's listener is opened by Node.js, since Java cannot pass it on, while Java starts in this process, without that fd.
 * Java is told which process that is, and says that it is up when that has ended: nothing else has the fd by then.
 */
const script = `exec "$@" "$(${nodeInside} ${runtimeRoot}/hand-over.mjs 3>&- >/dev/null & echo $!)" 4>&-`;

const inShell = (command: readonly string[]): string[] => ['/bin/sh', '-c', script, 'java', ...command];

function furtherFlags(memoryMb: number | undefined): string[] {
  return [
    ...(memoryMb === undefined ? [] : [`-Xmx${heapMb(memoryMb)}m`]),
    // What it would say of itself when it crashes is long, and its working folder cannot be written to.
    '-XX:-CreateCoredumpOnCrash',
    '-XX:ErrorFile=/tmp/hs_err.log',
    '-Dfile.encoding=UTF-8',
  ];
}

function heapMb(memoryMb: number): number {
  return Math.floor(Math.min(memoryMb * heapShare, memoryMb - besidesHeapMbMin));
}
