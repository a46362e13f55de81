/**
 * What becomes bwrap where there is nothing to be asked of a shell: a program of ours that makes the system calls it is told to, each of
 * which must answer what it is told. A shell and `nsenter` do the same, and take five times as long for it, most of which is
 * loading libraries. It reads two blocks of calls from its standard input: how it enters its control groups, and, behind that, what it is to
 * become. Whatever answers otherwise than it must ends it, with what was tried on its standard error. For x86-64. Pure.
 */
import { assert } from '../../../util/assert.ts';
import { PlatformError } from '../../../util/errors.ts';
import { executableHead, headBytes, segmentAccess } from '../executable-head.ts';
import { argumentsFd, becomes, filterFd, openFilesMax, type Launch } from './launch.ts';

/** Where it is mapped, and where the blocks are put. */
const [base, blocksAt] = [0x40_0000, 0x80_0000] as const;
const segments = 3;
const { executable, writable, readable } = segmentAccess;

/** Each block has so many bytes, whatever it says: the second has the command of a runtime. */
const blockBytes = { enter: 4_096, become: 8_192 } as const;
/** A system call, six parameters, what must come of it; and what is said where something else does. */
const [wordsOfCall, wordBytes, labelBytes] = [8, 8, 32] as const;
const callBytes = wordsOfCall * wordBytes + labelBytes;

/** From the kernel's arch/x86/entry/syscalls/syscall_64.tbl. */
const numbers = {
  write: 1,
  open: 2,
  close: 3,
  dup2: 33,
  recvfrom: 45,
  execve: 59,
  chdir: 80,
  setuid: 105,
  setgid: 106,
  setgroups: 116,
  prlimit64: 302,
  setns: 308,
  close_range: 436,
} as const;
/** From <asm-generic/fcntl.h>, <bits/socket.h>, <asm-generic/resource.h> and <linux/sched.h>. */
const [writeOnly, closeOnExec, waitForAll] = [1, 0o2000000, 0x100] as const;
const [coreLimit, filesLimit] = [4, 7] as const;
const [newMounts, newNetwork] = [0x2_0000, 0x4000_0000] as const;
/** 0 to 4 are there, then the two that bwrap is given; what is opened behind them for a moment has this. */
const nextFd = argumentsFd + 1;

/**
 *         xor edi,edi          mov esi,blocks       mov edx,bytes        mov r10d,waitForAll   xor r8d,r8d    xor r9d,r9d
 *         mov eax,recvfrom     syscall              mov r12d,blocks      cmp eax,bytes         jne end
 * next:   mov rax,[r12]        mov rdi,[r12+8]      mov rsi,[r12+16]     mov rdx,[r12+24]
 *         mov r10,[r12+32]     mov r8,[r12+40]      mov r9,[r12+48]      syscall
 *         cmp rax,[r12+56]     jne failed           add r12,96           jmp next
 * failed: mov edi,2            lea rsi,[r12+64]     mov edx,32           mov eax,write         syscall
 * end:    mov edi,125          mov eax,exit_group   syscall
 */
function code(): Buffer {
  const [blocks, bytes] = [number32(blocksAt), number32(blockBytes.enter)];
  return Buffer.from(
    `31ffbe${blocks}ba${bytes}41ba${number32(waitForAll)}4531c04531c9b82d0000000f0541bc${blocks}3d${bytes}7547` +
      '498b0424498b7c2408498b742410498b5424184d8b5424204d8b4424284d8b4c24300f05' +
      '493b44243875064983c460ebcf' +
      'bf02000000498d742440ba20000000b8010000000f05bf7d000000b8e70000000f05',
    'hex',
  );
}

const number32 = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes.toString('hex');
};

/** The file. */
export function launcherProgram(): Buffer {
  const text = code();
  const entry = headBytes(segments);
  const memoryBytes = blockBytes.enter + blockBytes.become;
  const head = executableHead(base + entry, [
    {
      kind: 'load',
      access: readable | executable,
      address: base,
      fileBytes: entry + text.length,
      memoryBytes: entry + text.length,
    },
    { kind: 'load', access: readable | writable, address: blocksAt, fileBytes: 0, memoryBytes },
    { kind: 'stack', access: readable | writable, address: 0, fileBytes: 0, memoryBytes: 0 },
  ]);
  return Buffer.concat([head, text]);
}

/** What is pointed to: bytes, or made where it is known where it will be. */
type Parameter = number | string | ((at: number) => Buffer);
type Call = { name: keyof typeof numbers; parameters: readonly Parameter[]; outcome: number; label: string };

/** Right behind the calls of the first block: five, and three for each entrance. */
const becomeAt = (entrances: number): number => blocksAt + (5 + 3 * entrances) * callBytes;

/** What is written to it first: in the control groups that have these `cgroup.procs` files, it waits for the second block. */
export function enterBlock(entrances: readonly string[]): Buffer {
  const limit = (resource: number, value: number): Call => {
    const limits = Buffer.alloc(2 * wordBytes);
    for (const at of [0, wordBytes]) limits.writeBigInt64LE(BigInt(value), at);
    return { name: 'prlimit64', parameters: [0, resource, () => limits, 0], outcome: 0, label: 'limiting files' };
  };
  const enter = (entrance: string): Call[] => {
    const label = 'a control group';
    return [
      { name: 'open', parameters: [entrance, writeOnly | closeOnExec], outcome: filterFd, label },
      { name: 'write', parameters: [filterFd, '0', 1], outcome: 1, label },
      { name: 'close', parameters: [filterFd], outcome: 0, label },
    ];
  };
  const calls: Call[] = [
    { name: 'close_range', parameters: [filterFd, 0xffff_ffff, 0], outcome: 0, label: 'closing files' },
    { name: 'chdir', parameters: ['/'], outcome: 0, label: 'leaving' },
    limit(coreLimit, 0),
    limit(filesLimit, openFilesMax),
    ...entrances.flatMap(enter),
  ];
  const parameters = [0, becomeAt(entrances.length), blockBytes.become, waitForAll];
  calls.push({ name: 'recvfrom', parameters, outcome: blockBytes.become, label: 'waiting' });
  const end = blocksAt + calls.length * callBytes;
  assert(becomeAt(entrances.length) === end, 'the second block is put where the calls of the first end');
  return block(blocksAt, blockBytes.enter, calls);
}

/** Whether a command can be told in the second block, whatever else is. */
export const isShort = (command: readonly string[]): boolean =>
  command.reduce((sum, word) => sum + Buffer.byteLength(word) + 1 + wordBytes, 0) <= blockBytes.become / 2;

/** What is written then, to one that has entered by as many entrances. Errors: `invalid_argument`, where the command is too long. */
export function becomeBlock(launch: Launch, entrances: number): Buffer {
  const { filterFile, argumentsFile, entrance, command } = launch;
  const words = becomes(launch);
  const calls: Call[] = [
    { name: 'open', parameters: [filterFile, 0], outcome: filterFd, label: 'the filter' },
    { name: 'open', parameters: [argumentsFile, 0], outcome: argumentsFd, label: 'the arguments' },
    ...(command === undefined ? [] : withoutInput),
    ...entering(entrance?.network, newNetwork, 'a network'),
    ...entering(entrance?.mounts, newMounts, 'its mounts'),
    ...(entrance === undefined ? [] : becomeUser(entrance.id)),
    {
      name: 'execve',
      parameters: [words[0] ?? '', (at) => stringList(at, words), () => Buffer.alloc(wordBytes)],
      outcome: 0,
      label: 'bubblewrap',
    },
  ];
  return block(becomeAt(entrances), blockBytes.become, calls);
}

/** Opened before the mounts are others. */
const withoutInput: readonly Call[] = [
  { name: 'open', parameters: ['/dev/null', 0], outcome: nextFd, label: '/dev/null' },
  { name: 'dup2', parameters: [nextFd, 0], outcome: 0, label: '/dev/null' },
  { name: 'close', parameters: [nextFd], outcome: 0, label: '/dev/null' },
];

const entering = (path: string | undefined, kind: number, label: string): Call[] =>
  path === undefined
    ? []
    : [
        { name: 'open', parameters: [path, closeOnExec], outcome: nextFd, label },
        { name: 'setns', parameters: [nextFd, kind], outcome: 0, label },
        { name: 'close', parameters: [nextFd], outcome: 0, label },
      ];

const becomeUser = (id: number): Call[] => [
  { name: 'setgroups', parameters: [0, 0], outcome: 0, label: 'its groups' },
  { name: 'setgid', parameters: [id], outcome: 0, label: 'its group' },
  { name: 'setuid', parameters: [id], outcome: 0, label: 'its user' },
];

/** The calls, and behind them what their parameters point to. */
function block(at: number, bytes: number, calls: readonly Call[]): Buffer {
  const made = Buffer.alloc(bytes);
  let dataAt = calls.length * callBytes;
  const place = (parameter: Parameter): number => {
    if (typeof parameter === 'number') return parameter;
    const start = dataAt;
    const data = typeof parameter === 'string' ? Buffer.from(`${parameter}\0`) : parameter(at + start);
    dataAt += Math.ceil(data.length / wordBytes) * wordBytes;
    if (dataAt > bytes)
      throw new PlatformError('invalid_argument', `what is to be started takes more than ${bytes} bytes to tell`);
    data.copy(made, start);
    return at + start;
  };
  calls.forEach(({ name, parameters, outcome, label }, index) => {
    const words = [numbers[name], ...parameters.map(place)];
    words[wordsOfCall - 1] = outcome;
    const start = index * callBytes;
    words.forEach((word, position) => made.writeBigInt64LE(BigInt(word), start + position * wordBytes));
    made.write(`mayfly: ${label} failed\n`.padStart(labelBytes), start + wordsOfCall * wordBytes);
  });
  return made;
}

/** As execve(2) takes it: pointers, one that is null, and what they point to. */
function stringList(at: number, words: readonly string[]): Buffer {
  const strings = words.map((word) => Buffer.from(`${word}\0`));
  const pointers = Buffer.alloc((words.length + 1) * wordBytes);
  let stringAt = at + pointers.length;
  strings.forEach((string, index) => {
    pointers.writeBigInt64LE(BigInt(stringAt), index * wordBytes);
    stringAt += string.length;
  });
  return Buffer.concat([pointers, ...strings]);
}
