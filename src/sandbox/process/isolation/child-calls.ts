/**
 * The system calls that start a process, and take back what is left of one that has ended. Node.js starts processes by
 * fork(2): that copies the page tables of the whole platform, some milliseconds of its event loop, and has every page
 * copied that is written to afterwards. posix_spawn(3) lends the platform's memory to the child until it has become
 * another program: a quarter of a millisecond, however large the platform is.
 */
import { dlopen, getInt32, getRawPointer } from 'node:ffi';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { PlatformError } from '../../../util/errors.ts';

/** As Node.js tells it: one of the two is null. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export interface ChildCalls {
  /** Two ends of a stream. Neither is open in other programs. Errors: `unavailable`. */
  socketPair(): [number, number];
  /**
   * Starts `words[0]` with `descriptors` as its 0, 1, 2 …, and signals as a program expects them. Its parent is the
   * thread that calls. Errors: `unavailable`.
   */
  spawn(words: readonly string[], variables: Readonly<Record<string, string>>, descriptors: readonly number[]): number;
  close(fd: number): void;
  /** A child of ours that has ended and is still to be reaped, whoever started it. */
  anyEnded(): number | undefined;
  /** How it ended, once; undefined while it runs. */
  reap(pid: number): Exit | undefined;
}

/** From <bits/socket.h>. */
const [unix, stream, closeOnExec] = [1, 1, 0o2000000] as const;
/** From <spawn.h>: signals have their usual effect again (Node.js ignores SIGPIPE), and none is blocked. */
const [setDefaultSignals, setSignalMask] = [4, 8] as const;
/** More than `posix_spawnattr_t` (336), `posix_spawn_file_actions_t` (80), `sigset_t` and `siginfo_t` (128 each) have, with glibc and with musl. */
const structBytes = 1024;
/** From <sys/wait.h>. */
const wait = { all: 0, noHang: 1, exited: 4, leave: 0x0100_0000 } as const;
/** Of `siginfo_t` on 64-bit machines. */
const pidOffset = 16;

export function openChildCalls(): ChildCalls {
  const { functions: c } = dlopen(null, {
    socketpair: { arguments: ['i32', 'i32', 'i32', 'pointer'], return: 'i32' },
    close: { arguments: ['i32'], return: 'i32' },
    posix_spawn: { arguments: ['pointer', 'pointer', 'pointer', 'pointer', 'pointer', 'pointer'], return: 'i32' },
    posix_spawn_file_actions_init: { arguments: ['pointer'], return: 'i32' },
    posix_spawn_file_actions_adddup2: { arguments: ['pointer', 'i32', 'i32'], return: 'i32' },
    posix_spawn_file_actions_destroy: { arguments: ['pointer'], return: 'i32' },
    posix_spawnattr_init: { arguments: ['pointer'], return: 'i32' },
    posix_spawnattr_setflags: { arguments: ['pointer', 'i16'], return: 'i32' },
    posix_spawnattr_setsigdefault: { arguments: ['pointer', 'pointer'], return: 'i32' },
    posix_spawnattr_setsigmask: { arguments: ['pointer', 'pointer'], return: 'i32' },
    waitid: { arguments: ['i32', 'i32', 'pointer', 'i32'], return: 'i32' },
    waitpid: { arguments: ['i32', 'pointer', 'i32'], return: 'i32' },
    __errno_location: { arguments: [], return: 'pointer' },
  });
  const failed = (what: string, number: number): PlatformError => {
    const reason = getSystemErrorName(-number);
    return new PlatformError('unavailable', `could not ${what}: ${reason}`, { reason });
  };
  const attributes = Buffer.alloc(structBytes);
  c.posix_spawnattr_init(attributes);
  c.posix_spawnattr_setsigdefault(attributes, Buffer.alloc(structBytes, 0xff));
  c.posix_spawnattr_setsigmask(attributes, Buffer.alloc(structBytes));
  c.posix_spawnattr_setflags(attributes, setDefaultSignals | setSignalMask);
  const [status, information] = [Buffer.alloc(4), Buffer.alloc(structBytes)];
  return {
    socketPair() {
      const ends = Buffer.alloc(8);
      if (c.socketpair(unix, stream | closeOnExec, 0, ends) === 0) return [ends.readInt32LE(0), ends.readInt32LE(4)];
      throw failed('make a pair of sockets', getInt32(c.__errno_location()));
    },
    spawn(words, variables, descriptors) {
      const list = stringList(words);
      const environment = stringList(Object.entries(variables).map(([name, value]) => `${name}=${value}`));
      const [program = Buffer.alloc(1)] = list.strings;
      const actions = Buffer.alloc(structBytes);
      const pid = Buffer.alloc(4);
      c.posix_spawn_file_actions_init(actions);
      for (const [to, from] of descriptors.entries()) c.posix_spawn_file_actions_adddup2(actions, from, to);
      const outcome = c.posix_spawn(pid, program, actions, attributes, list.pointers, environment.pointers);
      c.posix_spawn_file_actions_destroy(actions);
      if (outcome !== 0) throw failed(`start ${words[0] ?? 'nothing'}`, outcome);
      return pid.readInt32LE(0);
    },
    close: (fd) => void c.close(fd),
    anyEnded() {
      information.fill(0);
      if (c.waitid(wait.all, 0, information, wait.noHang | wait.exited | wait.leave) !== 0) return undefined;
      return information.readInt32LE(pidOffset) || undefined;
    },
    reap(pid) {
      return c.waitpid(pid, status, wait.noHang) === pid ? exitOf(status.readInt32LE(0)) : undefined;
    },
  };
}

/** As C has it: pointers, and one that is null. `strings` are to be held for as long as it is used. */
function stringList(words: readonly string[]): { strings: readonly Buffer[]; pointers: Buffer } {
  const strings = words.map((word) => Buffer.from(`${word}\0`));
  const pointers = Buffer.alloc(8 * (strings.length + 1));
  for (const [at, string] of strings.entries()) pointers.writeBigUInt64LE(getRawPointer(string), 8 * at);
  return { strings, pointers };
}

/** The status that wait(2) tells of a process that has ended. */
function exitOf(status: number): Exit {
  const number = status & 0x7f;
  if (number === 0) return { code: (status >> 8) & 0xff, signal: null };
  const name = Object.entries(constants.signals).find(([, other]) => other === number)?.[0];
  return { code: null, signal: (name ?? 'SIGKILL') as NodeJS.Signals };
}
