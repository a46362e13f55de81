/**
 * System calls that a process makes one after the other without its tracer in between, which would cost 20 µs each: a
 * list in its memory, and a loop of 20 instructions, for x86-64, that goes through it and ends in a breakpoint. Each
 * entry says what must come of the call; the loop stops where something else does. Pure.
 */
import { PlatformError } from '../../../util/errors.ts';

/** From the kernel's arch/x86/entry/syscalls/syscall_64.tbl. */
export const callNumbers = {
  read: 0,
  write: 1,
  open: 2,
  close: 3,
  fstat: 5,
  mmap: 9,
  munmap: 11,
  rt_sigaction: 13,
  pread64: 17,
  mremap: 25,
  madvise: 28,
  getitimer: 36,
  getpid: 39,
  socket: 41,
  recvfrom: 45,
  sendmsg: 46,
  recvmsg: 47,
  bind: 49,
  listen: 50,
  setsockopt: 54,
  sigaltstack: 131,
  prctl: 157,
  set_tid_address: 218,
  exit_group: 231,
  set_robust_list: 273,
  get_robust_list: 274,
  rseq: 334,
  close_range: 436,
} as const;

export type CallName = keyof typeof callNumbers;

/** Number, six parameters, and what must come of it: 64 bits each. */
const wordsOfEntry = 8;
const wordBytes = 8;
const entryBytes = wordsOfEntry * wordBytes;

/**
 * next: mov rax,[r12]      mov rdi,[r12+8]   mov rsi,[r12+16]  mov rdx,[r12+24]
 *       mov r10,[r12+32]   mov r8,[r12+40]   mov r9,[r12+48]   syscall
 *       cmp rax,[r12+56]   jne end           add r12,64        cmp r12,r13   jne next
 * end:  int3
 */
const loop = Buffer.from(
  '498b0424' +
    '498b7c2408' +
    '498b742410' +
    '498b542418' +
    '4d8b542420' +
    '4d8b442428' +
    '4d8b4c2430' +
    '0f05' +
    '493b442438' +
    '7509' +
    '4983c440' +
    '4d39ec' +
    '75cc' +
    'cc',
  'hex',
);

/** Where the loop, the list and its data are, seen from the process; `entries` and `end` are what r12 and r13 begin with. */
export type PlacedCalls = { bytes: Buffer; loop: number; entries: number; end: number };

type Entry = { name: CallName; parameters: readonly number[]; outcome: number };

export class CallList {
  readonly #base: number;
  readonly #entries: Entry[] = [];
  readonly #data: Buffer[] = [];
  readonly #entriesMax: number;
  #dataBytes = 0;

  /** `base`: where it will be; `entriesMax`: how many calls there will be at most. */
  constructor(base: number, entriesMax: number) {
    this.#base = base;
    this.#entriesMax = entriesMax;
  }

  /** Negative numbers are meant as the kernel takes them: from the top. Answers the entry's number. */
  add(name: CallName, parameters: readonly number[], outcome: number): number {
    if (this.#entries.length === this.#entriesMax)
      throw new PlatformError('unavailable', `more than ${this.#entriesMax} calls`);
    return this.#entries.push({ name, parameters, outcome }) - 1;
  }

  /** Puts bytes beside the list; answers where they will be. */
  place(bytes: Buffer): number {
    const at = this.#dataStart + this.#dataBytes;
    const padded = Buffer.alloc(Math.ceil(bytes.length / 16) * 16);
    bytes.copy(padded);
    this.#data.push(padded);
    this.#dataBytes += padded.length;
    return at;
  }

  get placed(): PlacedCalls {
    const bytes = Buffer.alloc(this.bytes);
    loop.copy(bytes);
    let at = entriesOffset;
    for (const { name, parameters, outcome } of this.#entries) {
      const words = [callNumbers[name], ...Array.from({ length: 6 }, (_, index) => parameters[index] ?? 0), outcome];
      words.forEach((word, index) => bytes.writeBigInt64LE(BigInt(word), at + index * wordBytes));
      at += entryBytes;
    }
    Buffer.concat(this.#data).copy(bytes, this.#dataStart - this.#base);
    return { bytes, loop: this.#base, entries: this.#base + entriesOffset, end: this.#base + at };
  }

  /** Changes an entry in a copy of `placed.bytes`. Parameters that are undefined, or not given, stay. */
  replace(
    bytes: Buffer,
    entry: number,
    change: { name?: CallName; parameters?: readonly (number | undefined)[]; outcome?: number },
  ): void {
    const { name, parameters = [], outcome } = change;
    const words = [name === undefined ? undefined : callNumbers[name], ...parameters];
    words[wordsOfEntry - 1] = outcome;
    words.forEach((word, index) => {
      if (word !== undefined)
        bytes.writeBigInt64LE(BigInt(word), entriesOffset + entry * entryBytes + index * wordBytes);
    });
  }

  get bytes(): number {
    return this.#dataStart - this.#base + this.#dataBytes;
  }

  /** The call at which it stopped. */
  nameAt(register: number): CallName | undefined {
    return this.#entryAt(register)?.name;
  }

  /** The same for a message. */
  describe(register: number): string {
    const entry = this.#entryAt(register);
    return entry === undefined
      ? 'nothing'
      : `${entry.name}(${entry.parameters.map((one) => `0x${one.toString(16)}`).join(', ')})`;
  }

  #entryAt(register: number): Entry | undefined {
    return this.#entries[(register - this.#base - entriesOffset) / entryBytes];
  }

  get #dataStart(): number {
    return this.#base + entriesOffset + this.#entriesMax * entryBytes;
  }
}

/** The loop comes first. */
const entriesOffset = 64;
