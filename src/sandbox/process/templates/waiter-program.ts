/**
 * The smallest program that can be where a runtime is to go on from an image: it hands over the listening sockets as a
 * runtime does when it boots, says that it is up, and waits for its memory to be replaced. A list of system calls and the
 * loop that goes through it are all that there is to it: an executable file for x86-64 that needs no library. Pure.
 */
import { executableHead, segmentAccess } from '../executable-head.ts';
import { CallList } from './call-list.ts';

/** What it is where it runs. Descriptors: those that every process of a runtime begins with, and the next that is free. */
export type WaiterSurroundings = {
  channelFd: number;
  handOverFd: number;
  freeFd: number;
  /** On 127.0.0.1, by the names under which they are handed over. */
  ports: readonly (readonly [name: string, port: number])[];
  /** What is answered to each socket that is handed over. */
  handOverAnswer: string;
  /** The frame that says that it is up. */
  booted: Uint8Array;
  /** Where the list of calls comes by which its memory is replaced. */
  reserved: { start: number; bytes: number };
};

/** Where it is mapped, where in it the list begins, and where what the kernel writes to is. */
const [base, listOffset, writableBase] = [0x40_0000, 0x1000, 0x80_0000] as const;
const writableBytes = 4096;
const { executable, writable, readable } = segmentAccess;
/** From <bits/socket.h> and <asm-generic/socket.h>. */
const [internet, stream, socketLevel, reuseAddress, rights, peek] = [2, 1, 1, 2, 1, 2] as const;
const backlog = 511;
const callsMax = 32;
/** From <asm-generic/mman.h>: for all that is in a list; private, without a file, not in place of anything, and only what is used. */
const [anyAccess, newMemory] = [1 | 2 | 4, 2 | 0x20 | 0x4000 | 0x10_0000] as const;

export function waiterProgram(surroundings: WaiterSurroundings): Buffer {
  const list = new CallList(base + listOffset, callsMax);
  const { channelFd, handOverFd, freeFd, ports, handOverAnswer, booted, reserved } = surroundings;
  const one = list.place(number32(1));
  for (const [name, port] of ports) {
    list.add('socket', [internet, stream, 0], freeFd);
    list.add('setsockopt', [freeFd, socketLevel, reuseAddress, one, 4], 0);
    list.add('bind', [freeFd, list.place(loopback(port)), 16], 0);
    list.add('listen', [freeFd, backlog], 0);
    const line = Buffer.from(`{"cmd":"NODE_HANDLE","type":"net.Native","msg":{"listen":"${name}"}}\n`);
    list.add('sendmsg', [handOverFd, messageWith(list, line, freeFd), 0], line.length);
    list.add('read', [handOverFd, writableBase, writableBytes], handOverAnswer.length);
    list.add('close', [freeFd], 0);
  }
  list.add('close', [handOverFd], 0);
  list.add('mmap', [reserved.start, reserved.bytes, anyAccess, newMemory, -1, 0], reserved.start);
  list.add('write', [channelFd, list.place(Buffer.from(booted)), booted.length], booted.length);
  // Nothing comes before it is another; the platform's end does, and then nothing is left to do.
  list.add('recvfrom', [channelFd, writableBase, 1, peek, 0, 0], 0);
  list.add('exit_group', [0], 0);
  const { loop, entries, end } = list.placed;
  const entry = list.place(beginning(loop, entries, end));
  const { bytes } = list.placed;
  return Buffer.concat([fileHead(entry, listOffset + bytes.length), bytes]);
}

/** mov r12, entries; mov r13, end; mov rax, loop; jmp rax */
function beginning(loop: number, entries: number, end: number): Buffer {
  const code = Buffer.from('49bc000000000000000049bd000000000000000048b80000000000000000ffe0', 'hex');
  [entries, end, loop].forEach((value, index) => code.writeBigUInt64LE(BigInt(value), index * 10 + 2));
  return code;
}

function fileHead(entry: number, bytes: number): Buffer {
  const head = Buffer.alloc(listOffset);
  executableHead(entry, [
    { kind: 'load', access: readable | executable, address: base, fileBytes: bytes, memoryBytes: bytes },
    { kind: 'load', access: readable | writable, address: writableBase, fileBytes: 0, memoryBytes: writableBytes },
    { kind: 'stack', access: readable | writable, address: 0, fileBytes: 0, memoryBytes: 0 },
  ]).copy(head);
  return head;
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

/** `struct sockaddr_in` of 127.0.0.1. */
function loopback(port: number): Buffer {
  const address = Buffer.alloc(16);
  address.writeUInt16LE(internet, 0);
  address.writeUInt16BE(port, 2);
  address.set([127, 0, 0, 1], 4);
  return address;
}

/** `struct msghdr` of a line with which a descriptor goes. */
function messageWith(list: CallList, line: Buffer, fd: number): number {
  const vector = Buffer.alloc(16);
  vector.writeBigUInt64LE(BigInt(list.place(line)), 0);
  vector.writeBigUInt64LE(BigInt(line.length), 8);
  const control = Buffer.alloc(24);
  control.writeBigUInt64LE(20n, 0);
  control.writeInt32LE(socketLevel, 8);
  control.writeInt32LE(rights, 12);
  control.writeInt32LE(fd, 16);
  const header = Buffer.alloc(56);
  header.writeBigUInt64LE(BigInt(list.place(vector)), 16);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(BigInt(list.place(control)), 32);
  header.writeBigUInt64LE(24n, 40);
  return list.place(header);
}
