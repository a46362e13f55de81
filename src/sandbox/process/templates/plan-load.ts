/**
 * What a process does to go on from an image, planned once for each image: the list of its calls, and where in it stands
 * what is another thing in each process. Pure.
 */
import { never } from '../../../util/assert.ts';
import { PlatformError } from '../../../util/errors.ts';
import { channelFd } from '../process.ts';
import { CallList, type PlacedCalls } from './call-list.ts';
import type { Image, Protection, Region } from './image.ts';
import { waitBytes } from './wait-code.ts';
import type { UsedPages } from './used-pages.ts';
import { pageBytes, signalActionBytes, signalsMax } from './take-image.ts';

/** Where user space ends; the kernel puts nothing above unless it is asked to. */
const addressesEnd = 0x7fff_ffff_f000;
/**
 * What a process that waits for an image has mapped for the list of calls already: ten times what the largest usual ones
 * need, far below what the kernel chooses itself, and above programs that have a fixed place.
 */
export const reserved = { start: 0x1000_0000_0000, bytes: 4 * 1024 * 1024 };
/** Where the list is put. */
const listAddresses = [reserved.start, 0x2000_0000_0000, 0x3000_0000_0000];
/** What the list and what belongs to it stay below. */
const listBytesMax = 0x1000_0000;
/** Calls besides those that map something. */
const otherCallsMax = 128;

/** Descriptors that the process gets, as the lowest that is free. */
const imageFd = 4;
const fileFd = 5;

/** From <asm-generic/mman.h> and <linux/mman.h>. */
const map = { shared: 1, private: 2, fixed: 0x10, anonymous: 0x20, noReserve: 0x4000 } as const;
const moveFixed = 1 | 2;
/** From <fcntl.h>. */
const closeOnExec = 0o2000000;
/** From <linux/prctl.h>: PR_SET_MM, PR_SET_MM_MAP. */
const [setMemory, setMemoryMap] = [35, 14] as const;
/** PR_SET_NAME, of up to 15 bytes. */
const setName = 15;
/** From <linux/rseq.h>. */
const unregister = 1;
/** MADV_POPULATE_READ and MADV_POPULATE_WRITE. */
const [populateRead, populateWrite] = [22, 23] as const;
/** `struct stat` of x86-64. */
export const statBytes = 144;

export type LoadPlan = {
  list: CallList;
  placed: PlacedCalls;
  /** What to reserve at `placed.loop` for the list, its data, and the kernel's code while it is on its way. */
  bytes: number;
  /** Where the process puts what it learns of each file: `stat` structures, `statStride` apart. */
  stats: number;
  /** Entries to complete for each process. */
  forgetSequences: number;
  moves: readonly number[];
  setThreadId: number;
  /** Where the code is to be by which it waits before it goes on; absent: it goes on at once. */
  waits?: number;
};

/** Structures beside a list begin at multiples of 16. */
export const statStride = Math.ceil(statBytes / 16) * 16;

/** `ahead`: long before it is to go on, so that it is given these pages now, and waits. */
export function planLoad(image: Image, ahead?: UsedPages): LoadPlan {
  const base = freeAddress(image);
  const pagesCalls = ahead === undefined ? 0 : ahead.read.length + ahead.written.length;
  const entriesMax = image.regions.length * 2 + image.files.length * 3 + otherCallsMax + pagesCalls;
  const list = new CallList(base, entriesMax);
  const waits = ahead === undefined ? {} : { waits: list.place(Buffer.alloc(waitBytes)) };
  const [firstStat = 0] = image.files.map(() => list.place(Buffer.alloc(statBytes)));
  const paths = image.files.map(({ path }) => list.place(Buffer.from(`${path}\0`)));
  const message = messageFor(list);
  const structures = placeStructures(list, image);
  // All is placed now, so the size is known.
  const listBytes = toPages(list.bytes);
  let end = base + listBytes;
  const keptAt = image.kernelRegions.map((region) => (end += region.end - region.start) - (region.end - region.start));
  const bytes = end - base;

  const forgetSequences = list.add('rseq', [0, 0, unregister, 0], 0);
  list.add('close_range', [imageFd, 0xffff_ffff, 0], 0);
  list.add('recvmsg', [channelFd, message, closeOnExec], 1);
  // Out of the way first: where it was, and where it goes, may overlap with something else.
  const moves = image.kernelRegions.map((region, index) => {
    const size = region.end - region.start;
    const to = keptAt[index] ?? 0;
    return list.add('mremap', [region.start, size, size, moveFixed, to], to);
  });
  list.add('munmap', [0, base], 0);
  list.add('munmap', [end, addressesEnd - end], 0);
  image.kernelRegions.forEach((region, index) => {
    const size = region.end - region.start;
    list.add('mremap', [keptAt[index] ?? 0, size, size, moveFixed, region.start], region.start);
  });
  mapRegions(list, image, paths, firstStat);
  for (const { start, end } of ahead?.read ?? []) list.add('madvise', [start, end - start, populateRead], 0);
  for (const { start, end } of ahead?.written ?? []) list.add('madvise', [start, end - start, populateWrite], 0);
  list.add('close', [imageFd], 0);
  list.add('prctl', [setMemory, setMemoryMap, structures.layout, layoutBytes, 0], 0);
  list.add('prctl', [setName, structures.name], 0);
  structures.actions.forEach((action, index) => {
    const signal = index + 1;
    if (!cannotBeHandled.has(signal)) list.add('rt_sigaction', [signal, action, 0, 8], 0);
  });
  list.add('sigaltstack', [structures.signalStack, 0], 0);
  list.add('set_robust_list', [image.robustList.address, image.robustList.size], 0);
  const setThreadId = list.add('set_tid_address', [image.threadIdAddress], 0);
  const { address, size, signature } = image.restartableSequences;
  if (size > 0) list.add('rseq', [address, size, 0, signature], 0);
  return { list, placed: list.placed, bytes, stats: firstStat, forgetSequences, moves, setThreadId, ...waits };
}

function freeAddress({ regions }: Image): number {
  const isFree = (base: number): boolean =>
    regions.every(({ start, end }) => end <= base || start >= base + listBytesMax);
  const free = listAddresses.find(isFree);
  if (free === undefined) throw new PlatformError('unavailable', 'a template leaves no room for loading it');
  return free;
}

const toPages = (bytes: number): number => Math.ceil(bytes / pageBytes) * pageBytes;

const protection = ({ readable, writable, executable }: Protection): number =>
  (readable ? 1 : 0) | (writable ? 2 : 0) | (executable ? 4 : 0);

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

type Structures = { layout: number; name: number; actions: readonly number[]; signalStack: number };

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
  const name = list.place(Buffer.from(`${image.name}\0`));
  return { layout: list.place(layout), name, actions, signalStack: list.place(image.signalStack) };
}

function mapRegions(list: CallList, image: Image, paths: readonly number[], firstStat: number): void {
  const inMemory = map.private | map.fixed | map.noReserve;
  for (const region of merged(image.regions)) {
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
    list.add('fstat', [fileFd, firstStat + file * statStride], 0);
    for (const region of image.regions) {
      if (region.from !== 'file' || region.file !== file) continue;
      const { start, end, offset, shared } = region;
      const flags = (shared ? map.shared : map.private) | map.fixed;
      list.add('mmap', [start, end - start, protection(region), flags, fileFd, offset], start);
    }
    list.add('close', [fileFd], 0);
  });
}

/** Neighbours that one call can map. */
function merged(regions: readonly Region[]): Region[] {
  const all: Region[] = [];
  for (const region of regions) {
    const last = all.at(-1);
    if (last !== undefined && last.end === region.start && protection(last) === protection(region)) {
      const isMore = last.from === 'nothing' && region.from === 'nothing';
      const goesOn =
        last.from === 'image' && region.from === 'image' && last.offset + last.end - last.start === region.offset;
      if (isMore || goesOn) {
        all[all.length - 1] = { ...last, end: region.end };
        continue;
      }
    }
    all.push(region);
  }
  return all;
}
