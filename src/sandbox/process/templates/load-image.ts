/**
 * Makes a process that waits, with no code of anybody's in it, go on as the one did whose image it is given. Everything
 * that happens to it is its own system calls: it forgets its memory and maps the image's. What it is (its user,
 * namespaces, control group, filter, channel) stays as it was made for it.
 */
import { readFileSync } from 'node:fs';
import { never } from '../../../util/assert.ts';
import { PlatformError } from '../../../util/errors.ts';
import { CallList, callNumbers } from './call-list.ts';
import type { Image, Place, Protection } from './image.ts';
import { readRegister, writeRegister } from './registers.ts';
import { signalActionBytes, signalsMax } from './take-image.ts';
import { TracedProcess } from './traced-process.ts';
import type { TracingCalls } from './tracing-calls.ts';

/** Where user space ends; the kernel puts nothing above unless it is asked to. */
const addressesEnd = 0x7fff_ffff_f000;
/** Where the list is put: far below what the kernel chooses itself, and above programs that have a fixed place. */
const listAddresses = [0x1000_0000_0000, 0x2000_0000_0000, 0x3000_0000_0000];
/** Calls besides those that map something. */
const otherCallsMax = 100;
const pageBytes = 4096;

const channelFd = 3;
/** Descriptors that the process gets, as the lowest that is free. */
const imageFd = 4;
const fileFd = 5;

/** From <asm-generic/mman.h> and <linux/mman.h>. */
const map = {
  shared: 1,
  private: 2,
  fixed: 0x10,
  anonymous: 0x20,
  noReserve: 0x4000,
  notReplacing: 0x10_0000,
} as const;
const moveFixed = 1 | 2;
const anyAccess = 1 | 2 | 4;
/** From <fcntl.h>. */
const closeOnExec = 0o2000000;
/** From <linux/prctl.h>: PR_SET_MM, PR_SET_MM_MAP. */
const [setMemory, setMemoryMap] = [35, 14] as const;
/** From <linux/rseq.h>. */
const unregister = 1;
/** From <linux/auxvec.h>. */
const kernelCodeEntry = 33n;
/** `struct stat` of x86-64, and where in it is what a file is known by. */
const statBytes = 144;
const identityOffsets = { device: 0, inode: 8, bytes: 48, seconds: 88, nanoseconds: 96 } as const;

const systemCallInstruction = Buffer.from([0x0f, 0x05]);

/** Leaves the process running on, or ended. Errors: `unavailable`. */
export function loadImage(calls: TracingCalls, image: Image, pid: number, socketFd: number): void {
  const traced = TracedProcess.seize(calls, pid);
  try {
    const vector = readFileSync(`/proc/${pid}/auxv`);
    const code = kernelCode(image);
    const moved = kernelCodeStart(vector) - code.start;
    const instruction = code.start + findInstruction(traced, code, moved);
    const base = freeAddress(image);
    const list = new CallList(base, image.regions.length + image.files.length * 3 + otherCallsMax);
    const innerPid = pidInside(pid);
    const stats = describe(list, image, traced, { base, moved, innerPid });
    const { bytes, loop, entries, end } = list.placed;
    const size = sizeOf(bytes.length, image);
    const flags = map.private | map.anonymous | map.notReplacing;
    const at = traced.call(instruction + moved, callNumbers.mmap, [base, size, anyAccess, flags, -1, 0]);
    if (at !== base) throw new PlatformError('unavailable', `there is no room for a template (${at})`);
    traced.write(base, bytes);
    calls.sendFile(socketFd, image.fd);
    const registers = traced.registers;
    writeRegister(registers, 'rip', loop);
    writeRegister(registers, 'r12', entries);
    writeRegister(registers, 'r13', end);
    traced.registers = registers;
    traced.run();
    const after = traced.registers;
    const stopped = readRegister(after, 'r12');
    if (stopped !== end) {
      const answer = readRegister(after, 'rax');
      throw new PlatformError(
        'unavailable',
        `a template could not be loaded: ${list.describe(stopped)} answered ${answer}`,
      );
    }
    refuseOtherFiles(traced, image, stats);
    traced.call(instruction, callNumbers.munmap, [base, size]);
    // What the C library remembers of itself.
    const threadId = Buffer.alloc(4);
    threadId.writeInt32LE(innerPid);
    traced.write(image.threadIdAddress, threadId);
    traced.floats = image.floats;
    traced.signalMask = image.signalMask;
    traced.registers = image.registers;
    traced.detach();
  } catch (error) {
    traced.giveUp();
    throw error;
  }
}

function kernelCode({ kernelRegions }: Image): Place {
  const code = kernelRegions.find(({ name }) => name === '[vdso]');
  if (code === undefined) throw new PlatformError('unavailable', 'the kernel maps no code into processes');
  return code;
}

/** Where it is in a process, from its auxiliary vector: pairs of 64-bit numbers. */
function kernelCodeStart(vector: Buffer): number {
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === kernelCodeEntry) return Number(vector.readBigUInt64LE(at + 8));
  }
  throw new PlatformError('unavailable', 'the kernel maps no code into processes');
}

/** Offset of an instruction that makes a system call, in the code that the kernel maps. */
function findInstruction(traced: TracedProcess, code: Place, moved: number): number {
  const offset = traced.read(code.start + moved, code.end - code.start).indexOf(systemCallInstruction);
  if (offset < 0) throw new PlatformError('unavailable', "the kernel's code makes no system call");
  return offset;
}

function freeAddress({ regions }: Image): number {
  const reach = 0x1000_0000;
  const free = listAddresses.find((base) => regions.every(({ start, end }) => end <= base || start >= base + reach));
  if (free === undefined) throw new PlatformError('unavailable', 'a template leaves no room for loading it');
  return free;
}

const toPages = (bytes: number): number => Math.ceil(bytes / pageBytes) * pageBytes;

function sizeOf(listBytes: number, { kernelRegions }: Image): number {
  return toPages(listBytes) + kernelRegions.reduce((sum, { start, end }) => sum + end - start, 0);
}

const protection = ({ readable, writable, executable }: Protection): number =>
  (readable ? 1 : 0) | (writable ? 2 : 0) | (executable ? 4 : 0);

/** Its process id in its own PID namespace. */
function pidInside(pid: number): number {
  return Number(/^NSpid:.*\s(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** `base`: where the list will be; `moved`: how far the kernel's code is from where it was in the template. */
type Target = { base: number; moved: number; innerPid: number };

/** Writes the list; answers where the process puts what it learns of each file. */
function describe(list: CallList, image: Image, traced: TracedProcess, { base, moved, innerPid }: Target): number[] {
  const own = traced.restartableSequences;
  if (own.size > 0) list.add('rseq', [own.address, own.size, unregister, own.signature], 0);
  list.add('close_range', [imageFd, 0xffff_ffff, 0], 0);
  list.add('recvmsg', [channelFd, messageFor(list), closeOnExec], 1);
  const stats = image.files.map(() => list.place(Buffer.alloc(statBytes)));
  const paths = image.files.map(({ path }) => list.place(Buffer.from(`${path}\0`)));
  const structures = placeStructures(list, image);

  // All is placed now, so the list's length is known.
  const size = sizeOf(list.placed.bytes.length, image);
  let kept = base + toPages(list.placed.bytes.length);
  const keptAt = image.kernelRegions.map(({ start, end }) => (kept += end - start) - (end - start));
  image.kernelRegions.forEach(({ start, end }, index) => {
    const bytes = end - start;
    list.add('mremap', [start + moved, bytes, bytes, moveFixed, keptAt[index] ?? 0], keptAt[index] ?? 0);
  });
  list.add('munmap', [0, base], 0);
  list.add('munmap', [base + size, addressesEnd - base - size], 0);
  image.kernelRegions.forEach(({ start, end }, index) => {
    list.add('mremap', [keptAt[index] ?? 0, end - start, end - start, moveFixed, start], start);
  });
  mapRegions(list, image, paths, stats);
  list.add('close', [imageFd], 0);
  list.add('prctl', [setMemory, setMemoryMap, structures.layout, layoutBytes, 0], 0);
  structures.actions.forEach((action, index) => {
    const signal = index + 1;
    if (!cannotBeHandled.has(signal)) list.add('rt_sigaction', [signal, action, 0, 8], 0);
  });
  list.add('sigaltstack', [structures.signalStack, 0], 0);
  list.add('set_robust_list', [image.robustList.address, image.robustList.size], 0);
  list.add('set_tid_address', [image.threadIdAddress], innerPid);
  const { address, size: sequencesBytes, signature } = image.restartableSequences;
  if (sequencesBytes > 0) list.add('rseq', [address, sequencesBytes, 0, signature], 0);
  return stats;
}

const layoutBytes = 104;
/** SIGKILL and SIGSTOP. */
const cannotBeHandled = new Set([9, 19]);

/** `struct msghdr` for one byte and one descriptor, as `sendFile` sends them. */
function messageFor(list: CallList): number {
  const byte = list.place(Buffer.alloc(1));
  const vector = Buffer.alloc(16);
  vector.writeBigUInt64LE(BigInt(byte), 0);
  vector.writeBigUInt64LE(1n, 8);
  const header = Buffer.alloc(56);
  header.writeBigUInt64LE(BigInt(list.place(vector)), 16);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(BigInt(list.place(Buffer.alloc(24))), 32);
  header.writeBigUInt64LE(24n, 40);
  return list.place(header);
}

type Structures = { layout: number; actions: readonly number[]; signalStack: number };

function placeStructures(list: CallList, image: Image): Structures {
  const layout = Buffer.alloc(layoutBytes);
  image.layout.forEach((value, index) => layout.writeBigUInt64LE(BigInt(value), index * 8));
  layout.writeBigUInt64LE(BigInt(list.place(image.vector)), 88);
  layout.writeUInt32LE(image.vector.length, 96);
  // The program stays the one that it is.
  layout.writeInt32LE(-1, 100);
  const unhandled = list.place(Buffer.alloc(signalActionBytes));
  const actions = Array.from({ length: signalsMax }, (_, index) => {
    const handled = image.signalActions.find(({ signal }) => signal === index + 1);
    return handled === undefined ? unhandled : list.place(handled.action);
  });
  return { layout: list.place(layout), actions, signalStack: list.place(image.signalStack) };
}

function mapRegions(list: CallList, image: Image, paths: readonly number[], stats: readonly number[]): void {
  const inMemory = map.private | map.fixed | map.noReserve;
  for (const region of image.regions) {
    const { start, end, from } = region;
    const parameters = [start, end - start, protection(region)];
    switch (from) {
      case 'nothing':
        list.add('mmap', [...parameters, inMemory | map.anonymous, -1, 0], start);
        break;
      case 'image':
        list.add('mmap', [...parameters, inMemory, imageFd, region.offset], start);
        break;
      case 'copy':
        list.add('mmap', [...parameters, inMemory | map.anonymous, -1, 0], start);
        list.add('pread64', [imageFd, end - region.bytes, region.bytes, region.offset], region.bytes);
        break;
      case 'file':
        break;
      default:
        never(region);
    }
  }
  image.files.forEach((_, file) => {
    list.add('open', [paths[file] ?? 0, closeOnExec], fileFd);
    list.add('fstat', [fileFd, stats[file] ?? 0], 0);
    for (const region of image.regions) {
      if (region.from !== 'file' || region.file !== file) continue;
      const { start, end, offset, shared } = region;
      const flags = (shared ? map.shared : map.private) | map.fixed;
      list.add('mmap', [start, end - start, protection(region), flags, fileFd, offset], start);
    }
    list.add('close', [fileFd], 0);
  });
}

/** An installer may have put another file in the place of one of them. */
function refuseOtherFiles(traced: TracedProcess, { files }: Image, stats: readonly number[]): void {
  const [first] = stats;
  if (first === undefined) return;
  const all = traced.read(first, (files.length - 1) * toSixteen(statBytes) + statBytes);
  files.forEach(({ path, identity }, index) => {
    const at = index * toSixteen(statBytes);
    const { device, inode, bytes, seconds, nanoseconds } = identityOffsets;
    const read = (offset: number): bigint => all.readBigUInt64LE(at + offset);
    const found = [read(device), read(inode), read(bytes), read(seconds) * 1_000_000_000n + read(nanoseconds)];
    if (found.some((value, part) => value !== identity[part])) {
      throw new PlatformError('unavailable', `${path} is another file than when the template was made`);
    }
  });
}

const toSixteen = (bytes: number): number => Math.ceil(bytes / 16) * 16;
