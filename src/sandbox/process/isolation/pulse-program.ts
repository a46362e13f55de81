/**
 * The smallest program that wakes again and again: after `1` on its standard input once in each period, after `0` no more, and it ends
 * with that input. An executable file for x86-64 that needs no library: 8 KB of memory,
 * where a thread of Node.js takes megabytes. Pure.
 */
import { executableHead, headBytes, segmentAccess } from '../executable-head.ts';

const base = 0x40_0000;
const codeOffset = headBytes(2);
const { executable, writable, readable } = segmentAccess;

/**
 * begin: sub rsp,64                      mov rax,0x100000000       mov [rsp],rax          xor ebx,ebx
 * next:  mov qword [rsp+16],0            mov qword [rsp+24],PERIOD xor edx,edx
 *        test ebx,ebx     jz +5          lea rdx,[rsp+16]
 *        mov eax,ppoll    mov rdi,rsp    mov esi,1                 xor r10d,r10d          xor r8d,r8d     syscall
 *        test eax,eax     jz next        js end
 *        xor eax,eax      xor edi,edi    lea rsi,[rsp+32]          mov edx,1              syscall
 *        cmp eax,1        jne end        movzx ebx,byte [rsp+32]   and ebx,1              jmp next
 * end:   mov eax,exit_group              xor edi,edi               syscall
 *
 * On the stack: descriptor 0 and POLLIN, how long to wait (which the kernel overwrites), and the byte that was read. To wait without
 * a time is to wait until something comes.
 */
const untilPeriod = '4883ec40' + '48b80000000001000000' + '48890424' + '31db' + '48c744241000000000' + '48c7442418';
const afterPeriod =
  '31d2' +
  '85db' +
  '7405' +
  '488d542410' +
  'b80f010000' +
  '4889e7' +
  'be01000000' +
  '4531d2' +
  '4531c0' +
  '0f05' +
  '85c0' +
  '74ca' +
  '781f' +
  '31c0' +
  '31ff' +
  '488d742420' +
  'ba01000000' +
  '0f05' +
  '83f801' +
  '750a' +
  '0fb65c2420' +
  '83e301' +
  'eba9' +
  'b8e7000000' +
  '31ff' +
  '0f05';

/** `periodUs`: less than a second. */
export function pulseProgram(periodUs: number): Buffer {
  const periodNs = Buffer.alloc(4);
  periodNs.writeInt32LE(periodUs * 1_000);
  const code = Buffer.concat([Buffer.from(untilPeriod, 'hex'), periodNs, Buffer.from(afterPeriod, 'hex')]);
  const bytes = codeOffset + code.length;
  const head = executableHead(base + codeOffset, [
    { kind: 'load', access: readable | executable, address: base, fileBytes: bytes, memoryBytes: bytes },
    { kind: 'stack', access: readable | writable, address: 0, fileBytes: 0, memoryBytes: 0 },
  ]);
  return Buffer.concat([head, code]);
}
