/**
 * Makes a process that waits, with no code of anybody's in it, go on as the one did whose image it is given. Everything
 * that happens to it is its own system calls: it forgets its memory and maps the image's. What it is (its user,
 * namespaces, control group, filter, channel) stays as it was made for it.
 */
import { readFileSync } from 'node:fs';
import { PlatformError } from '../../../util/errors.ts';
import { callNumbers } from './call-list.ts';
import type { Image } from './image.ts';
import { reserved, statBytes, statStride, type LoadPlan } from './plan-load.ts';
import { readRegister, writeRegister } from './registers.ts';
import { TracedProcess } from './traced-process.ts';
import type { TracingCalls } from './tracing-calls.ts';
import { waitCode, waitCall } from './wait-code.ts';

/** For the list: it is written to, and runs, before any code of the function's is there, and gone by then. */
const anyAccess = 1 | 2 | 4;
/** From <asm-generic/mman.h>: private, without a file, and not in place of anything. */
const newMemory = 2 | 0x20 | 0x10_0000;
/** From <linux/auxvec.h>. */
const kernelCodeEntry = 33n;
/** Where in `struct stat` is what a file is known by. */
const identityOffsets = { device: 0, inode: 8, bytes: 48, seconds: 88, nanoseconds: 96 } as const;

/** The kernel does not give the pages that the process was to have ready. */
export class PagesRefused extends PlatformError {}

/** `find`: the process, which runs on afterwards (or waits, where that is planned), or has ended. Errors: `unavailable`. */
export function loadImage(
  calls: TracingCalls,
  { image, plan }: { image: Image; plan: LoadPlan },
  find: () => number,
  socketFd: number,
): void {
  const pid = find();
  const traced = new TracedProcess(calls, pid, () => find() === pid);
  try {
    const { loop, entries, end } = plan.placed;
    const moved = kernelCodeStart(readFileSync(`/proc/${pid}/auxv`)) - image.kernelCodeStart;
    const innerPid = pidInside(pid);
    const list = completed(image, plan, traced, { moved, innerPid });
    // Where the process was made for this, there is room, which spares a turn of its and one of ours.
    const mayHaveRoom = loop === reserved.start && plan.bytes <= reserved.bytes;
    if (!mayHaveRoom || !traced.tryWrite(loop, list)) {
      const reserve = [loop, plan.bytes, anyAccess, newMemory, -1, 0];
      const at = traced.call(image.systemCallInstruction + moved, callNumbers.mmap, reserve);
      if (at !== loop) throw new PlatformError('unavailable', `there is no room for a template (${at})`);
      traced.write(loop, list);
    }
    calls.sendFile(socketFd, image.fd);
    const registers = traced.registers;
    writeRegister(registers, 'rip', loop);
    writeRegister(registers, 'r12', entries);
    writeRegister(registers, 'r13', end);
    // Not in a call that the kernel would go on with.
    writeRegister(registers, 'callNumber', -1);
    traced.registers = registers;
    traced.run();
    const after = traced.registers;
    const stoppedAt = readRegister(after, 'r12');
    if (stoppedAt !== end) {
      const answer = readRegister(after, 'rax');
      const Reason = plan.list.nameAt(stoppedAt) === 'madvise' ? PagesRefused : PlatformError;
      throw new Reason('unavailable', `${plan.list.describe(stoppedAt)} answered ${answer}`);
    }
    refuseOtherFiles(traced, image, plan.stats);
    // What the C library remembers of itself.
    const threadId = Buffer.alloc(4);
    threadId.writeInt32LE(innerPid);
    traced.write(image.threadIdAddress, threadId);
    traced.floats = image.floats;
    traced.signalMask = image.signalMask;
    const last = lastCall(image, plan);
    if (plan.waits === undefined) traced.registers = last;
    else {
      traced.write(plan.waits, waitCode(last));
      traced.registers = waitCall(last, plan.waits);
    }
    traced.detach();
  } catch (error) {
    traced.giveUp();
    throw error;
  }
}

/** `moved`: how far the kernel's code is from where it was in the template. */
type Here = { moved: number; innerPid: number };

/** The list for this process. */
function completed(image: Image, plan: LoadPlan, traced: TracedProcess, { moved, innerPid }: Here): Buffer {
  const { list, placed } = plan;
  const bytes = Buffer.from(placed.bytes);
  const own = traced.restartableSequences;
  if (own.size === 0) list.replace(bytes, plan.forgetSequences, { name: 'getpid', outcome: innerPid });
  else list.replace(bytes, plan.forgetSequences, { parameters: [own.address, own.size, undefined, own.signature] });
  plan.moves.forEach((entry, index) => {
    list.replace(bytes, entry, { parameters: [(image.kernelRegions[index]?.start ?? 0) + moved] });
  });
  list.replace(bytes, plan.setThreadId, { outcome: innerPid });
  return bytes;
}

/** Where it is in a process, from its auxiliary vector: pairs of 64-bit numbers. */
function kernelCodeStart(vector: Buffer): number {
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === kernelCodeEntry) return Number(vector.readBigUInt64LE(at + 8));
  }
  throw new PlatformError('unavailable', 'the kernel maps no code into processes');
}

/** As the image's, but with a call that frees the memory of the list, which answers what is waited for. */
function lastCall({ registers }: Image, { placed, bytes }: LoadPlan): Buffer {
  const last = Buffer.from(registers);
  writeRegister(last, 'rax', callNumbers.munmap);
  writeRegister(last, 'rdi', placed.loop);
  writeRegister(last, 'rsi', bytes);
  return last;
}

/** Its process id in its own PID namespace. */
function pidInside(pid: number): number {
  return Number(/^NSpid:.*\s(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** An installer may have put another file in the place of one of them. `stats`: where the process has put what it learned. */
function refuseOtherFiles(traced: TracedProcess, { files }: Image, stats: number): void {
  if (files.length === 0) return;
  const all = traced.read(stats, (files.length - 1) * statStride + statBytes);
  files.forEach(({ path, identity }, index) => {
    const at = index * statStride;
    const { device, inode, bytes, seconds, nanoseconds } = identityOffsets;
    const read = (offset: number): bigint => all.readBigUInt64LE(at + offset);
    const found = [read(device), read(inode), read(bytes), read(seconds) * 1_000_000_000n + read(nanoseconds)];
    if (found.some((value, part) => value !== identity[part])) {
      throw new PlatformError('unavailable', `${path} is another file than when the template was made`);
    }
  });
}
