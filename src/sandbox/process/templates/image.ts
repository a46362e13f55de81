/**
 * What is known of a process that stood still: enough to make another process go on as it would have. Its memory is in a
 * file in memory that nobody can change, which all processes made from it share page by page until they write.
 */
import type { RestoredDescriptor } from '../channel/frame.ts';
import type { RestartableSequences } from './traced-process.ts';

export type Place = { start: number; end: number };

export type Protection = { readable: boolean; writable: boolean; executable: boolean };

export type Region = Place &
  Protection &
  (
    | { from: 'image'; offset: number }
    | { from: 'nothing' }
    /** `file`: its number in `Image.files`. */
    | { from: 'file'; file: number; offset: number; shared: boolean }
    /** Copied, not shared, because the kernel lets a stack grow only where it is nobody's file. */
    | { from: 'copy'; offset: number; bytes: number }
  );

/** A file that its memory shows, and by what it is known again: device, inode, size, time of change. */
export type MappedFile = { path: string; identity: readonly bigint[] };

export type SignalAction = { signal: number; action: Buffer };

export type Image = {
  /** The file, of the thread that took it and of every other in this program. */
  fd: number;
  /** What of it takes memory. */
  bytes: number;
  files: readonly MappedFile[];
  regions: readonly Region[];
  /** What the kernel maps into every process: code and data of system calls that need not enter it. */
  kernelRegions: readonly Place[];
  /** Of those, the one with code, and an instruction in it that makes a system call. */
  kernelCodeStart: number;
  systemCallInstruction: number;
  registers: Buffer;
  floats: Buffer;
  signalMask: Buffer;
  signalActions: readonly SignalAction[];
  /** `stack_t`. */
  signalStack: Buffer;
  robustList: { address: number; size: number };
  threadIdAddress: number;
  restartableSequences: RestartableSequences;
  /** As it is shown to who lists processes. */
  name: string;
  /** The first eleven members of `struct prctl_mm_map`. */
  layout: readonly number[];
  /** The auxiliary vector. */
  vector: Buffer;
  /** Of the descriptors beyond the runtime's own: what each was, for the runtime to make it anew. */
  descriptors: readonly RestoredDescriptor[];
};
