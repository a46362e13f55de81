/**
 * Takes the image of a process that waits for its channel. What could not be the same in another process is refused,
 * with the reason: other threads, other processes, memory that is shared, open files that are more than a way to read
 * what every environment has.
 */
import { readFileSync, statSync, openSync, readSync, closeSync, writeSync } from 'node:fs';
import { callNumbers } from './call-list.ts';
import { describeDescriptors } from './describe-descriptors.ts';
import type { Image, MappedFile, Place, Region, SignalAction } from './image.ts';
import { sameEverywhere, NoImage } from './no-image.ts';
import { parseMappings, type Mapping } from './memory-map.ts';
import { readRegister, writeRegister } from './registers.ts';
import { TracedProcess } from './traced-process.ts';
import type { TracingCalls } from './tracing-calls.ts';

export const pageBytes = 4096;
/** Read and written at a time. */
const chunkBytes = 4 * 1024 * 1024;
/** Addresses that a process reserves without using them (some allocators do so by the terabyte). */
const reservedBytesMax = 4 * 1024 ** 3;
/**
 * Of all that may have been used in part: each page of it is asked for, at some 50 ns, whether it was. A mapping may be
 * large for little, and a process have thousands of them.
 */
const addressesMax = 16 * 1024 ** 3;
/** Each takes a call, or two, of whoever goes on from the image: a few hundred are usual. */
const mappingsMax = 4_096;
/** select and pselect6: which of them it is, depends on the C library. */
const selects = new Set([23, 270]);

/** Answers of the kernel to a call that a signal, or a tracer, has interrupted: ERESTARTSYS and its like. */
const restarts = new Set([-512, -513, -514, -516]);
const systemCallInstructionBytes = 2;

/** Of /proc/PID/pagemap: present, or swapped out. */
const usedPage = (1n << 63n) | (1n << 62n);

/** `find`: the process, which has ended afterwards. Errors: `NoImage`, `unavailable`. */
export function takeImage(calls: TracingCalls, find: () => number, bytesMax: number): Image {
  const pid = find();
  const traced = new TracedProcess(calls, pid, () => find() === pid);
  let fd: number | undefined;
  try {
    const registers = waitingRegisters(traced);
    const descriptors = describeDescriptors(pid);
    const mappings = parseMappings(readFileSync(`/proc/${pid}/smaps`, 'utf8'));
    if (mappings.length > mappingsMax) throw new NoImage(`has ${mappings.length} mappings of memory`);
    const asked = askItself(traced, pid);
    const { regions, files, copied, fileBytes } = plan(pid, mappings, readRegister(registers, 'rsp'));
    fd = calls.memoryFile('template', fileBytes);
    const bytes = copyMemory(traced, fd, copied, bytesMax);
    calls.seal(fd);
    return {
      fd,
      bytes,
      files,
      regions,
      ...kernelParts(traced, mappings),
      registers,
      floats: traced.floats,
      signalMask: traced.signalMask,
      restartableSequences: traced.restartableSequences,
      name: readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd(),
      layout: layoutOf(pid, mappings),
      vector: readFileSync(`/proc/${pid}/auxv`),
      descriptors,
      ...asked,
    };
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    throw error;
  } finally {
    traced.giveUp();
  }
}

/**
 * At the instruction of the call in which it waits. Whoever goes on from here makes another call with it, and its answer,
 * 0, is for the code that waited: nothing was to be read (`wait_to_be_taken` in mayfly_template.py).
 */
function waitingRegisters(traced: TracedProcess): Buffer {
  const { registers } = traced;
  const waits = selects.has(readRegister(registers, 'callNumber')) && restarts.has(readRegister(registers, 'rax'));
  if (!waits) throw new NoImage('does not wait for its channel');
  writeRegister(registers, 'rip', readRegister(registers, 'rip') - systemCallInstructionBytes);
  writeRegister(registers, 'callNumber', -1);
  return registers;
}

const kernelNames = new Set(['[vvar]', '[vvar_vclock]', '[vdso]']);
const isKernels = ({ name }: Mapping): boolean => kernelNames.has(name);

/** What goes into the image's file: of memory without a file, only the pages that are used. */
type Copied = Place & { offset: number; whole: boolean };

const systemCallInstruction = Buffer.from([0x0f, 0x05]);

type KernelParts = Pick<Image, 'kernelRegions' | 'kernelCodeStart' | 'systemCallInstruction'>;

function kernelParts(traced: TracedProcess, mappings: readonly Mapping[]): KernelParts {
  const kernelRegions = mappings.filter(isKernels).map(({ start, end }) => ({ start, end }));
  const code = mappings.find(({ name }) => name === '[vdso]');
  const offset =
    code === undefined ? -1 : traced.read(code.start, code.end - code.start).indexOf(systemCallInstruction);
  if (code === undefined || offset < 0) throw new NoImage('has no code of the kernel');
  return { kernelRegions, kernelCodeStart: code.start, systemCallInstruction: code.start + offset };
}

type Plan = { regions: Region[]; files: MappedFile[]; copied: Copied[]; fileBytes: number };

function plan(pid: number, mappings: readonly Mapping[], stackPointer: number): Plan {
  const regions: Region[] = [];
  const files = new Map<string, MappedFile>();
  const copied: Copied[] = [];
  let fileBytes = 0;
  const copy = (start: number, end: number, whole: boolean): number => {
    const offset = fileBytes;
    copied.push({ start, end, offset, whole });
    fileBytes += end - start;
    if (fileBytes > addressesMax) throw new NoImage(`has more than ${addressesMax / 1024 ** 3} GB of addresses in use`);
    return offset;
  };
  for (const mapping of mappings) {
    const { start, end, readable, writable, executable, name, flags, isFile, shared, ownBytes } = mapping;
    if (isKernels(mapping) || name === '[vsyscall]') continue;
    if (end - start > reservedBytesMax)
      throw new NoImage(`has reserved ${end - start} bytes of addresses in one piece`);
    if (['io', 'pf', 'ht'].some((flag) => flags.has(flag))) throw new NoImage(`has mapped ${name || 'a device'}`);
    const place = { start, end, readable, writable, executable };
    const isSame = isFile && sameEverywhere.test(name) && !name.endsWith(' (deleted)') && !name.includes('\\');
    if (shared && (!isSame || flags.has('mw'))) throw new NoImage(`shares memory (${name || 'without a name'})`);
    if (flags.has('gd')) {
      const low = Math.max(start, Math.floor((stackPointer - redZoneBytes) / pageBytes) * pageBytes);
      regions.push({ ...place, start: end - stackBytes, from: 'copy', bytes: end - low, offset: copy(low, end, true) });
    } else if (forgottenFlags.some((flag) => flags.has(flag)) || (!isFile && ownBytes === 0)) {
      regions.push({ ...place, from: 'nothing' });
    } else if (isSame && (shared || ownBytes === 0)) {
      if (!files.has(name)) files.set(name, { path: name, identity: identityOf(`/proc/${pid}/root${name}`) });
      const file = [...files.keys()].indexOf(name);
      regions.push({ ...place, from: 'file', file, offset: mapping.offset, shared });
    } else {
      regions.push({ ...place, from: 'image', offset: copy(start, end, isFile) });
    }
  }
  return { regions, files: [...files.values()], copied, fileBytes };
}

/** Memory that the kernel itself empties, or leaves out, in a copy: what is in it is not meant to be in two processes. */
const forgottenFlags = ['wf', 'dp', 'dc'];
/** Below the stack pointer, and yet in use. */
const redZoneBytes = 128;
/** What a stack may grow to: the usual limit. It takes memory only where it is used. */
const stackBytes = 8 * 1024 * 1024;

function identityOf(path: string): bigint[] {
  const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
  return [dev, ino, size, mtimeNs];
}

/** Answers how many bytes it copied. */
function copyMemory(traced: TracedProcess, fd: number, copied: readonly Copied[], bytesMax: number): number {
  const pagemap = openSync(`/proc/${traced.pid}/pagemap`, 'r');
  let bytes = 0;
  try {
    for (const one of copied) {
      for (const { start, end } of one.whole ? pieces(one) : runsOf(pagemap, one)) {
        bytes += end - start;
        if (bytes > bytesMax)
          throw new NoImage(`has more than ${Math.round(bytesMax / 1024 ** 2)} MB of memory of its own`);
        writeSync(fd, traced.read(start, end - start), 0, end - start, one.offset + (start - one.start));
      }
    }
  } finally {
    closeSync(pagemap);
  }
  return bytes;
}

function* pieces({ start, end }: Place): Generator<Place> {
  for (let at = start; at < end; at += chunkBytes) yield { start: at, end: Math.min(end, at + chunkBytes) };
}

/** Stretches of pages that are used. */
function* runsOf(pagemap: number, place: Place): Generator<Place> {
  const entries = Buffer.alloc((chunkBytes / pageBytes) * 8);
  for (const { start, end } of pieces(place)) {
    const read = readSync(pagemap, entries, 0, ((end - start) / pageBytes) * 8, (start / pageBytes) * 8);
    let runStart: number | undefined;
    for (let index = 0; index < read; index += 8) {
      const at = start + (index / 8) * pageBytes;
      const isUsed = (entries.readBigUInt64LE(index) & usedPage) !== 0n;
      if (isUsed) runStart ??= at;
      else if (runStart !== undefined) {
        yield { start: runStart, end: at };
        runStart = undefined;
      }
    }
    if (runStart !== undefined) yield { start: runStart, end };
  }
}

type Asked = Pick<Image, 'signalActions' | 'signalStack' | 'robustList' | 'threadIdAddress'>;

/** What the kernel tells only the process itself. */
function askItself(traced: TracedProcess, pid: number): Asked {
  const { registers } = traced;
  const instruction = readRegister(registers, 'rip') - systemCallInstructionBytes;
  const scratch = Math.floor((readRegister(registers, 'rsp') - scratchBelowBytes) / 16) * 16;
  const ask = (name: keyof typeof callNumbers, parameters: readonly number[], bytes: number): Buffer => {
    const outcome = traced.call(instruction, callNumbers[name], parameters);
    if (outcome !== 0) throw new NoImage(`answers ${outcome} to ${name}`);
    return traced.read(scratch, bytes);
  };
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bits = (key: string): bigint =>
    BigInt(`0x${new RegExp(`^${key}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0'}`);
  const handled = bits('SigCgt') | bits('SigIgn');
  const signalActions: SignalAction[] = [];
  for (let signal = 1; signal <= signalsMax; signal++) {
    if (((handled >> BigInt(signal - 1)) & 1n) === 0n) continue;
    signalActions.push({ signal, action: ask('rt_sigaction', [signal, 0, scratch, 8], signalActionBytes) });
  }
  const robust = ask('get_robust_list', [0, scratch, scratch + 8], 16);
  for (const timer of intervalTimers) {
    if (ask('getitimer', [timer, scratch], 32).some((byte) => byte !== 0)) throw new NoImage('has set a timer');
  }
  return {
    signalActions,
    signalStack: ask('sigaltstack', [0, scratch], 24),
    robustList: { address: Number(robust.readBigUInt64LE(0)), size: Number(robust.readBigUInt64LE(8)) },
    threadIdAddress: Number(ask('prctl', [threadIdAddressOption, scratch], 8).readBigUInt64LE(0)),
  };
}

/** Where answers are put, below everything that the stack is used for. */
const scratchBelowBytes = 4096;
export const signalsMax = 64;
/** The kernel's `struct sigaction`. */
export const signalActionBytes = 32;
/** Real, virtual and profiling. */
const intervalTimers = [0, 1, 2];
/** PR_GET_TID_ADDRESS of <linux/prctl.h>. */
const threadIdAddressOption = 40;

/** From /proc/PID/stat, by the numbers that man 5 proc gives its fields. */
function layoutOf(pid: number, mappings: readonly Mapping[]): number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  const heapStart = field(47);
  const heapEnd = Math.max(heapStart, ...mappings.filter(({ name }) => name === '[heap]').map(({ end }) => end));
  return [
    field(26),
    field(27),
    field(45),
    field(46),
    heapStart,
    heapEnd,
    field(28),
    field(48),
    field(49),
    field(50),
    field(51),
  ];
}
