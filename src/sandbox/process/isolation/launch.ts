/**
 * How a process comes to be isolated, in one fork: a launcher enters the control groups, and waits on its standard input to be told what to
 * become: `bwrap`, having entered (as root) the network namespace and become an ordinary user of the environment's own. bwrap
 * makes all other namespaces as that user, drops what is left of privilege and starts the command, or a shell that waits for a line with it. So
 * both waits are behind whoever starts something, and all of it may be done before anybody does. The launcher is a
 * program of ours (launcher-program.ts), or a shell that becomes `nsenter`, as here. Pure.
 */
import { handOverFd } from '../process.ts';
import type { CodeSources, Ground } from './ground.ts';
import { layersFolder, taskFolder, userInside } from './root-file-system.ts';

/** What the launcher opens for bwrap. 3 is the channel and 4 Node's, over which sockets are handed out; both stay open. */
export const filterFd = 5;
export const argumentsFd = 6;

/** As on Lambda. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const openFilesMax = 1024;
/** /dev/shm, which Lambda does not have, but Python's multiprocessing wants. It counts as memory, too. */
const sharedMemoryBytesMax = 64 * 1024 * 1024;

/** Called with: the file to go on with, then the files to enter control groups by. Goes on when it has read a line. */
const script = `cd / && ulimit -c 0 && ulimit -n ${openFilesMax} || exit 125
next=$1
shift
for entrance; do
  echo 0 > "$entrance" || exit 125
done
read -r go || exit 125
. "$next"`;

/** For /bin/sh. `entrances`: `cgroup.procs` files. */
export function launcherArguments(nextFile: string, entrances: readonly string[]): string[] {
  return ['-c', script, 'mayfly', nextFile, ...entrances];
}

/** What is entered, and become, before bwrap begins: files of namespaces, and an ordinary user of the environment's own. */
export type Entrance = { nsenter: string; mounts: string | undefined; network: string | undefined; id: number };

export type Launch = {
  filterFile: string;
  argumentsFile: string;
  /** Undefined: nothing is. */
  entrance: Entrance | undefined;
  bubblewrap: string;
  /** Absent: to be told. */
  command?: readonly string[];
};

/** What waits inside until there is a command. It is nobody's code yet, and what it reads is ours. `newline`: see `onOneLine`. */
const waitInside = ['/bin/sh', '-c', `newline='\n'; read -r command || exit 125; eval "$command"`];

/** The content of the file to go on with; variables are only in the arguments file. */
export function launchScript(launch: Launch): string {
  const { filterFile, argumentsFile, entrance, command } = launch;
  const become = [...(entrance === undefined ? [] : entryWords(entrance)), ...becomes(launch)];
  const files = `${filterFd}<${quoted(filterFile)} ${argumentsFd}<${quoted(argumentsFile)}`;
  return `exec ${become.map(quoted).join(' ')} ${files}${command === undefined ? '' : ' </dev/null'}\n`;
}

/** bwrap, and what it becomes. */
export function becomes({ bubblewrap, command = waitInside }: Pick<Launch, 'bubblewrap' | 'command'>): string[] {
  return [bubblewrap, '--args', String(argumentsFd), '--', ...command];
}

function entryWords({ nsenter, mounts, network, id }: Entrance): string[] {
  return [
    nsenter,
    ...(mounts === undefined ? [] : [`--mount=${mounts}`]),
    ...(network === undefined ? [] : [`--net=${network}`]),
    '-S',
    String(id),
    '-G',
    String(id),
    '--',
  ];
}

/** The line that makes the shell inside become the command. The command is all that other users of the host see. */
export function commandLine(command: readonly string[]): string {
  return `exec ${command.map(onOneLine).join(' ')} </dev/null\n`;
}

const onOneLine = (word: string): string => quoted(word).replaceAll('\n', `'"$newline"'`);

/** One word of a shell's, whatever it contains. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

export type Inside = {
  root: Ground['root'];
  /** Bound at /var/task and /opt. */
  code: CodeSources;
  mounts: readonly { from: string; to: string }[];
  ephemeralMb: number;
  /** A network namespace of its own with nothing but loopback. */
  ownNetwork: boolean;
  variables: Readonly<Record<string, string>>;
};

export const hostnameInside = 'function';

/** The content of the arguments file: bwrap's options, each ended by a zero byte. */
export function bubblewrapArguments({ root, code, mounts, ephemeralMb, ownNetwork, variables }: Inside): string {
  const options: (readonly string[])[] = [
    ['--unshare-user', '--disable-userns', '--uid', String(userInside.uid), '--gid', String(userInside.gid)],
    [
      '--unshare-pid',
      '--unshare-ipc',
      '--unshare-uts',
      '--unshare-cgroup-try',
      ...(ownNetwork ? ['--unshare-net'] : []),
    ],
    ['--die-with-parent', '--new-session', '--hostname', hostnameInside, '--cap-drop', 'ALL'],
    root.begin,
    ['--proc', '/proc'],
    ['--perms', '1777', '--size', String(sharedMemoryBytesMax), '--tmpfs', '/dev/shm'],
    ['--perms', '1777', '--size', String(ephemeralMb * 1024 * 1024), '--tmpfs', '/tmp'],
    code.task === undefined ? [] : ['--ro-bind', code.task, taskFolder],
    code.opt === undefined ? [] : ['--ro-bind', code.opt, layersFolder],
    ...mounts.map(({ from, to }) => ['--ro-bind', from, to]),
    root.end,
    ['--chdir', taskFolder, '--seccomp', String(filterFd), '--clearenv'],
    ...Object.entries({ ...variables, NODE_CHANNEL_FD: String(handOverFd) }).map(([name, value]) => [
      '--setenv',
      name,
      value,
    ]),
  ];
  return options
    .flat()
    .map((option) => `${option}\0`)
    .join('');
}
