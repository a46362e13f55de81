/**
 * The system calls that a tracer makes and Node.js does not offer. What ptrace(2) is asked for concerns the thread that
 * asks: all of it happens on one thread (tracer-thread.ts).
 */
import { dlopen, getInt32, getRawPointer } from 'node:ffi';
import { getSystemErrorName } from 'node:util';
import { PlatformError } from '../../../util/errors.ts';

export interface TracingCalls {
  /** Errors: `unavailable`, with the kernel's name for it. */
  ptrace(request: keyof typeof requests, pid: number, address?: number, data?: number | Buffer): void;
  /** Waits until the process stops or ends: the status as wait(2) has it. */
  wait(pid: number): number;
  /** A file in memory without a name. */
  memoryFile(name: string, bytes: number): number;
  /** Another descriptor of the same file, which stays open when that one is closed. */
  duplicate(fd: number): number;
  /** From now on nobody can change what is in it. */
  seal(fd: number): void;
  /** Sends one byte, and with it an open file, over a connected Unix socket of ours. */
  sendFile(socketFd: number, fd: number): void;
}

/** From <linux/ptrace.h> and, for x86-64, <sys/ptrace.h>. */
const requests = {
  continue: 7,
  step: 9,
  readRegisters: 12,
  writeRegisters: 13,
  readFloats: 14,
  writeFloats: 15,
  detach: 17,
  seize: 0x4206,
  interrupt: 0x4207,
  readSignalMask: 0x420a,
  writeSignalMask: 0x420b,
  readRestartableSequences: 0x420f,
} as const;

/** From <sys/wait.h>: also processes that are not children of the thread that waits. */
const waitAny = 0x4000_0000;
/** From <linux/memfd.h> and <linux/fcntl.h>. */
const memoryFileFlags = { closeOnExec: 1, mayBeSealed: 2 } as const;
const addSeals = 1033;
/** From <fcntl.h>. */
const duplicateCloseOnExec = 1030;
const allSeals = 1 | 2 | 4 | 8;
/** From <bits/socket.h>. */
const [socketLevel, rights, noSignal] = [1, 1, 0x4000] as const;
/** `struct msghdr`, `struct iovec` and a `struct cmsghdr` with one descriptor, of 64-bit machines. */
const [headerBytes, vectorBytes, controlBytes] = [56, 16, 24] as const;

export function openTracingCalls(): TracingCalls {
  const { functions: c } = dlopen(null, {
    ptrace: { arguments: ['i64', 'i64', 'u64', 'u64'], return: 'i64' },
    waitpid: { arguments: ['i32', 'pointer', 'i32'], return: 'i32' },
    memfd_create: { arguments: ['pointer', 'u32'], return: 'i32' },
    ftruncate: { arguments: ['i32', 'i64'], return: 'i32' },
    fcntl: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
    sendmsg: { arguments: ['i32', 'pointer', 'i32'], return: 'i64' },
    __errno_location: { arguments: [], return: 'pointer' },
  });
  const checked = (outcome: number | bigint, what: string): void => {
    if (Number(outcome) >= 0) return;
    const reason = getSystemErrorName(-getInt32(c.__errno_location()));
    throw new PlatformError('unavailable', `could not ${what}: ${reason}`, { reason });
  };
  const status = Buffer.alloc(4);
  return {
    ptrace(request, pid, address = 0, data = 0) {
      const last = typeof data === 'number' ? BigInt(data) : getRawPointer(data);
      checked(c.ptrace(BigInt(requests[request]), BigInt(pid), BigInt(address), last), `trace ${pid} (${request})`);
    },
    wait(pid) {
      checked(c.waitpid(pid, status, waitAny), `wait for ${pid}`);
      return status.readUInt32LE();
    },
    memoryFile(name, bytes) {
      const flags = memoryFileFlags.closeOnExec | memoryFileFlags.mayBeSealed;
      const fd = c.memfd_create(Buffer.from(`${name}\0`), flags);
      checked(fd, 'make a file in memory');
      checked(c.ftruncate(fd, BigInt(bytes)), `make a file in memory of ${bytes} bytes`);
      return fd;
    },
    duplicate(fd) {
      const other = c.fcntl(fd, duplicateCloseOnExec, 0);
      checked(other, 'duplicate a descriptor');
      return other;
    },
    seal: (fd) => checked(c.fcntl(fd, addSeals, allSeals), 'seal a file in memory'),
    sendFile(socketFd, fd) {
      const byte = Buffer.alloc(1);
      const vector = Buffer.alloc(vectorBytes);
      vector.writeBigUInt64LE(getRawPointer(byte), 0);
      vector.writeBigUInt64LE(BigInt(byte.length), 8);
      const control = Buffer.alloc(controlBytes);
      control.writeBigUInt64LE(20n, 0);
      control.writeInt32LE(socketLevel, 8);
      control.writeInt32LE(rights, 12);
      control.writeInt32LE(fd, 16);
      const header = Buffer.alloc(headerBytes);
      header.writeBigUInt64LE(getRawPointer(vector), 16);
      header.writeBigUInt64LE(1n, 24);
      header.writeBigUInt64LE(getRawPointer(control), 32);
      header.writeBigUInt64LE(BigInt(controlBytes), 40);
      checked(c.sendmsg(socketFd, header, noSignal), 'hand over a file');
    },
  };
}
