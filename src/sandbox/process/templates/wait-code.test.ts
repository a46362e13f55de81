import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callNumbers } from './call-list.ts';
import { readRegister, registerNames, registersBytes, writeRegister } from './registers.ts';
import { waitBytes, waitCall, waitCode } from './wait-code.ts';

const at = 0x1000_0000_0200;

function everyRegister(): Buffer {
  const registers = Buffer.alloc(registersBytes);
  registerNames.forEach((name, index) => writeRegister(registers, name, 0x7fff_0000_0000 + index));
  return registers;
}

test('it looks at the channel and takes nothing from it; registers that no call takes are as they will be', () => {
  const [then, waiting] = [everyRegister(), waitCall(everyRegister(), at)];
  const peek = { rip: at, rax: callNumbers.recvfrom, rdi: 3, rsi: at + waitBytes - 1, rdx: 1, r10: 2, r8: 0, r9: 0 };
  for (const name of registerNames) {
    const expected = new Map<string, number>(Object.entries(peek)).get(name) ?? readRegister(then, name);
    assert.equal(readRegister(waiting, name), expected, name);
  }
});

test('the code gives back what the call took, and goes on where it is to', () => {
  const then = everyRegister();
  const code = waitCode(then);
  assert.equal(code.length, waitBytes - 1);
  assert.equal(code.subarray(0, 2).toString('hex'), '0f05');
  const moves = Array.from({ length: 7 }, (_, index) => code.subarray(2 + index * 10, 12 + index * 10));
  // REX.W, with a bit more for r8 to r15; then b8 and the number of the register.
  const numbers = moves.map((move) => ((move.readUInt8(0) & 1) << 3) | (move.readUInt8(1) - 0xb8));
  const numbered = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10'] as const;
  const restored = numbers.map((number) => numbered[number] ?? assert.fail());
  assert.deepEqual(new Set(restored), new Set(['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9', 'rax']));
  restored.forEach((name, index) => assert.equal(Number(moves[index]?.readBigInt64LE(2)), readRegister(then, name)));
  assert.equal(code.subarray(72, 78).toString('hex'), 'ff2500000000');
  assert.equal(Number(code.readBigInt64LE(78)), readRegister(then, 'rip'));
});
