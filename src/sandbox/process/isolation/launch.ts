/**
 * How a process comes to be isolated, in one fork: a shell enters the control groups, becomes `nsenter` (as root: the
 * network namespace and an ordinary user of the environment's own), which becomes `bwrap`, which makes all other
 * namespaces as that user, drops what is left of privilege and starts the command. Pure.
 */
import { taskFolder, userInside } from './root-file-system.ts';

/** What the shell opens for bwrap. 3 is the channel and 4 Node's, over which sockets are handed out; both stay open. */
const filterFd = 5;
const argumentsFd = 6;
const handOverFd = 4;

/** As on Lambda. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const openFilesMax = 1024;
/** /dev/shm, which Lambda does not have, but Python's multiprocessing wants. It counts as memory, too. */
const sharedMemoryBytesMax = 64 * 1024 * 1024;

/** Called with: filter file, arguments file, files to enter control groups by, `--`, what to become. */
const script = `ulimit -c 0 && ulimit -n ${openFilesMax} || exit 125
filter=$1 arguments=$2
shift 2
while [ "$1" != -- ]; do
  echo 0 > "$1" || exit 125
  shift
done
shift
exec "$@" ${filterFd}<"$filter" ${argumentsFd}<"$arguments"`;

export type Launch = {
  filterFile: string;
  argumentsFile: string;
  /** `cgroup.procs` files. */
  entrances: readonly string[];
  /** What runs bwrap: `nsenter` with its options, or nothing. */
  launcher: readonly string[];
  bubblewrap: string;
  command: readonly string[];
};

/** For /bin/sh. The command is all that other users of the host see; variables are only in the arguments file. */
export function launchArguments({
  filterFile,
  argumentsFile,
  entrances,
  launcher,
  bubblewrap,
  command,
}: Launch): string[] {
  const become = [...launcher, bubblewrap, '--args', String(argumentsFd), '--', ...command];
  return ['-c', script, 'mayfly', filterFile, argumentsFile, ...entrances, '--', ...become];
}

export type Inside = {
  root: readonly string[];
  /** Bound at /var/task. */
  task: string | undefined;
  mounts: readonly { from: string; to: string }[];
  ephemeralMb: number;
  /** A network namespace of its own with nothing but loopback. */
  ownNetwork: boolean;
  variables: Readonly<Record<string, string>>;
};

export const hostnameInside = 'function';

/** The content of the arguments file: bwrap's options, each ended by a zero byte. */
export function bubblewrapArguments({ root, task, mounts, ephemeralMb, ownNetwork, variables }: Inside): string {
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
    root,
    ['--proc', '/proc', '--dev', '/dev'],
    ['--perms', '1777', '--size', String(sharedMemoryBytesMax), '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
    ['--perms', '1777', '--size', String(ephemeralMb * 1024 * 1024), '--tmpfs', '/tmp'],
    task === undefined ? [] : ['--ro-bind', task, taskFolder],
    ...mounts.map(({ from, to }) => ['--ro-bind', from, to]),
    ['--remount-ro', '/', '--chdir', taskFolder, '--seccomp', String(filterFd), '--clearenv'],
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
