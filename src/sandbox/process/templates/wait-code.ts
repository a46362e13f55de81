/**
 * How a process waits that has its image's memory already, and of which nothing is to run yet: in a few instructions of ours
 * beside the list of calls, until something comes on its channel, which is left there. Then it gets the registers back that this
 * took, and goes on. For x86-64. Pure.
 */
import { channelFd } from '../process.ts';
import { callNumbers } from './call-list.ts';
import { registerBytes, writeRegister, type RegisterName } from './registers.ts';

/** syscall, then `mov REGISTER, 64 bits` for each that a call takes, then `jmp [rip]`, to the address that follows. */
const systemCall = '0f05';
const taken = ['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9', 'rax'] as const;
const moves = { rdi: '48bf', rsi: '48be', rdx: '48ba', r10: '49ba', r8: '49b8', r9: '49b9', rax: '48b8' } as const;
const jump = 'ff2500000000';
const wordBytes = 8;
const codeBytes = 2 + taken.length * (2 + wordBytes) + 6 + wordBytes;
/** With the byte that is looked at. */
export const waitBytes = codeBytes + 1;
/** MSG_PEEK of <bits/socket.h>. */
const peek = 2;

/** `then`: the registers that it goes on with, at the instruction of a system call. */
export function waitCode(then: Buffer): Buffer {
  const word = (name: RegisterName): string => registerBytes(then, name).toString('hex');
  const restored = taken.map((name) => moves[name] + word(name));
  return Buffer.from([systemCall, ...restored, jump, word('rip')].join(''), 'hex');
}

/** The registers that it waits with. `at`: where the code is. */
export function waitCall(then: Buffer, at: number): Buffer {
  const registers = Buffer.from(then);
  writeRegister(registers, 'rip', at);
  writeRegister(registers, 'rax', callNumbers.recvfrom);
  writeRegister(registers, 'rdi', channelFd);
  writeRegister(registers, 'rsi', at + codeBytes);
  writeRegister(registers, 'rdx', 1);
  writeRegister(registers, 'r10', peek);
  writeRegister(registers, 'r8', 0);
  writeRegister(registers, 'r9', 0);
  return registers;
}
