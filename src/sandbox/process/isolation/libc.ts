/**
 * The system calls that Node.js does not offer: mount, umount, flock, fcntl, prlimit, sched_setaffinity and sched_setscheduler. A call
 * takes well under a millisecond, so it is made where it is needed, on the platform's own thread.
 */
import { dlopen, getInt32 } from 'node:ffi';
import { getSystemErrorName } from 'node:util';
import { PlatformError } from '../../../util/errors.ts';

export interface Libc {
  mount(call: { source?: string; target: string; type?: string; flags: number; options?: string }): void;
  /** Lazily: it disappears at once, with everything mounted below it, and is freed when nobody uses it any more. */
  detach(target: string): void;
  /** Takes the exclusive lock of an open file; false when another process holds it. It ends with the file's last descriptor. */
  tryLock(fd: number): boolean;
  /** Closes the descriptor in every program that is started from now on. */
  closeOnExec(fd: number): void;
  /** Sets both limits of a process on a resource; does nothing when it has ended. */
  limitProcess(pid: number, resource: keyof typeof resources, value: number): void;
  /** From now on a process runs on this processor alone, and there before all that are not of its kind. It takes root. */
  runFirst(pid: number, processor: number): void;
}

/** From <bits/resource.h>. */
const resources = { data: 2, processes: 6 } as const;

/** From <sched.h>: and the lowest of its priorities. */
const [realTime, priority] = [1, 1] as const;
/** As many as `cpu_set_t` has. */
const cpuSetBits = 1_024;

/** From <sys/mount.h>. */
export const mountFlags = {
  readOnly: 1,
  noSetuid: 2,
  noDevices: 4,
  noPrograms: 8,
  remount: 32,
  noSymlinks: 256,
  noAccessTimes: 1 << 10,
  noFolderAccessTimes: 1 << 11,
  bind: 4096,
  private: 1 << 18,
  shared: 1 << 20,
  relativeAccessTimes: 1 << 21,
} as const;

/** From <sys/mount.h>, <sys/file.h> and <fcntl.h>. */
const detachFlag = 2;
const lockExclusiveNow = 2 | 4;
const wouldBlock = 'EAGAIN';
const [setDescriptorFlags, closeOnExecFlag] = [2, 1] as const;

export function openLibc(): Libc {
  const { functions } = dlopen(null, {
    mount: { arguments: ['pointer', 'pointer', 'pointer', 'u64', 'pointer'], return: 'i32' },
    umount2: { arguments: ['pointer', 'i32'], return: 'i32' },
    flock: { arguments: ['i32', 'i32'], return: 'i32' },
    prlimit: { arguments: ['i32', 'i32', 'pointer', 'pointer'], return: 'i32' },
    sched_setaffinity: { arguments: ['i32', 'u64', 'pointer'], return: 'i32' },
    sched_setscheduler: { arguments: ['i32', 'i32', 'pointer'], return: 'i32' },
    fcntl: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
    __errno_location: { arguments: [], return: 'pointer' },
  });
  const lastError = (): string => getSystemErrorName(-getInt32(functions.__errno_location()));
  return {
    mount({ source, target, type, flags, options }) {
      const outcome = functions.mount(text(source), text(target), text(type), BigInt(flags), text(options));
      if (outcome === 0) return;
      throw failed(`mount ${source ?? type ?? 'flags'} at ${target} (flags ${flags})`, lastError());
    },
    detach(target) {
      if (functions.umount2(text(target), detachFlag) !== 0) throw failed(`unmount ${target}`, lastError());
    },
    tryLock(fd) {
      if (functions.flock(fd, lockExclusiveNow) === 0) return true;
      const code = lastError();
      if (code === wouldBlock) return false;
      throw failed(`lock file descriptor ${fd}`, code);
    },
    closeOnExec(fd) {
      if (functions.fcntl(fd, setDescriptorFlags, closeOnExecFlag) === 0) return;
      const code = lastError();
      // Somebody has closed it meanwhile.
      if (code !== 'EBADF') throw failed(`keep file descriptor ${fd} out of other programs`, code);
    },
    limitProcess(pid, resource, value) {
      // struct rlimit: the soft and the hard limit, 64 bits each.
      const limits = Buffer.alloc(16);
      limits.writeBigUInt64LE(BigInt(value), 0);
      limits.writeBigUInt64LE(BigInt(value), 8);
      if (functions.prlimit(pid, resources[resource], limits, null) === 0) return;
      const code = lastError();
      if (code !== 'ESRCH') throw failed(`limit ${resource} of process ${pid} to ${value}`, code);
    },
    runFirst(pid, processor) {
      const set = Buffer.alloc(cpuSetBits / 8);
      set.writeUInt8(1 << (processor % 8), processor >> 3);
      if (functions.sched_setaffinity(pid, BigInt(set.length), set) !== 0)
        throw failed(`keep process ${pid} on processor ${processor}`, lastError());
      const parameters = Buffer.alloc(4);
      parameters.writeInt32LE(priority);
      if (functions.sched_setscheduler(pid, realTime, parameters) !== 0)
        throw failed(`have process ${pid} run before others`, lastError());
    },
  };
}

function text(value: string | undefined): Buffer | null {
  return value === undefined ? null : Buffer.from(`${value}\0`);
}

function failed(what: string, code: string): PlatformError {
  return new PlatformError('unavailable', `could not ${what}: ${code}`, { reason: code });
}
